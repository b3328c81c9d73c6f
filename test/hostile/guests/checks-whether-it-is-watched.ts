import { processor } from '../guest.ts';

/** Looks for traces of a rewriting: its memory is as large as it said, its tables too, its code is where it was. */
export default processor({
  expected: { answers: 200 },
  fields: '(table 3 funcref) (elem (i32.const 1) $unchanged) (data "abc")',
  process: `(if (i32.ne (memory.size) (i32.const 1)) (then unreachable))
    (if (i32.ne (memory.grow (i32.const 0)) (i32.const 1)) (then unreachable))
    (if (i32.ne (table.size) (i32.const 3)) (then unreachable))
    (if (i32.eqz (ref.is_null (table.get (i32.const 0)))) (then unreachable))
    (memory.init 0 (i32.const 200) (i32.const 0) (i32.const 3))
    (if (i32.ne (i32.load (i32.const 200)) (i32.const 0x636261)) (then unreachable))
    (call_indirect (result i32) (i32.const 1))`,
});
