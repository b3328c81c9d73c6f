import { composed } from '../composed.ts';

export default composed({
  expected: { answers: 200 },
  process: `(call $take-texts (i32.const 512) (i32.const 3) (i32.const 515) (i32.const 3)) (call $unchanged)`,
  fields: `(data (i32.const 512) "onetwo")`,
  callee: `(global $next (mut i32) (i32.const 8190))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $next (i32.add (global.get $next) (i32.const 1))) (global.get $next))
    (func (export "test:hostile/inner@1.0.0#take-texts") (param i32 i32 i32 i32)
      (if (i32.ne (i32.load8_u (i32.add (local.get 0) (i32.const 1))) (i32.const 0x74)) (then unreachable)))`,
});
