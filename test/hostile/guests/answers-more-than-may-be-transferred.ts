import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'transfer-limit' },
  entry: { limits: { transfer_size: '32KiB' } },
  process: '(call $ok (i32.const 0) (i32.const 0) (i32.const 32769))',
});
