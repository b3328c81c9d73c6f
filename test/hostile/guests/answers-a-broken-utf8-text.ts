import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  process: `(call $err (i32.const 512) (i32.const 2))`,
  fields: `(data (i32.const 512) "\\c3\\28")`,
});
