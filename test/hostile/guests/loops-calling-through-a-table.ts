import { DEADLINE, processor } from '../guest.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: `(loop $l (call_indirect (i32.const 0)) (br $l)) (call $unchanged)`,
  fields: `(table 1 funcref) (elem (i32.const 0) $leaf) (func $leaf)`,
});
