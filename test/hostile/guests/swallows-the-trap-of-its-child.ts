import { composed } from '../composed.ts';

/** To the caller, a trap of the callee is no exception that could be caught. */
export default composed({
  expected: { fault: 'unreachable' },
  process: `(loop $again try (call $take-char (i32.const 65)) catch_all (br $again) end) (call $unchanged)`,
  callee: `(func (export "test:hostile/inner@1.0.0#take-char") (param i32) unreachable)`,
});
