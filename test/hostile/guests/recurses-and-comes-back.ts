import { DEADLINE, processor } from '../guest.ts';

/** Mutually, two calls at each of sixty levels: never deep, and never done. */
export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: `(call $a (i32.const 60)) (call $unchanged)`,
  fields: `(func $a (param i32) (if (local.get 0) (then (call $b (local.get 0)) (call $b (local.get 0))))) (func $b (param i32) (call $a (i32.sub (local.get 0) (i32.const 1))))`,
});
