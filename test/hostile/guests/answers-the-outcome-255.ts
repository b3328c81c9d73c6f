import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  process: `(call $ok (i32.const 255) (i32.const 0) (i32.const 0))`,
});
