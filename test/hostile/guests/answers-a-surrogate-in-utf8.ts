import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  process: `(call $err (i32.const 512) (i32.const 3))`,
  fields: `(data (i32.const 512) "\\ed\\a0\\80")`,
});
