import { composed } from '../composed.ts';

export default composed({
  expected: { fault: 'integer-divide-by-zero' },
  process: `(call $take-char (i32.const 65)) (call $unchanged)`,
  callee: `(func (export "test:hostile/inner@1.0.0#take-char") (param i32) (drop (i32.div_u (local.get 0) (i32.const 0))))`,
});
