import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  process: `(call $err (i32.const 65535) (i32.const 2))`,
});
