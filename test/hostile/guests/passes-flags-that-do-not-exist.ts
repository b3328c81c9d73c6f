import { composed } from '../composed.ts';

/** The canonical ABI masks them: the callee must never see one. */
export default composed({
  expected: { answers: 200 },
  process: `(if (i32.ne (call $take-switches (i32.const -1)) (i32.const 7)) (then unreachable)) (call $unchanged)`,
  callee: `(func (export "test:hostile/inner@1.0.0#take-switches") (param i32) (result i32) (local.get 0))`,
});
