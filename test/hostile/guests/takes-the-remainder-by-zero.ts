import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'integer-divide-by-zero' },
  process: `(i32.wrap_i64 (i64.rem_u (i64.const 1) (i64.load (i32.const 0))))`,
});
