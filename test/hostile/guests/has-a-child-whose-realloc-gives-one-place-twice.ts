import { composed } from '../composed.ts';

/** The second text lies over the first. The child fools itself alone. */
export default composed({
  expected: { answers: 200 },
  process: `(call $take-texts (i32.const 512) (i32.const 3) (i32.const 515) (i32.const 3)) (call $unchanged)`,
  fields: `(data (i32.const 512) "onetwo")`,
  callee: `(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8192))
    (func (export "test:hostile/inner@1.0.0#take-texts") (param i32 i32 i32 i32)
      (if (i32.ne (i32.load8_u (local.get 0)) (i32.const 0x74)) (then unreachable)))`,
});
