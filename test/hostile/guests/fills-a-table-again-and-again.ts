import { DEADLINE, processor } from '../guest.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: `(loop $l (table.fill 0 (i32.const 0) (ref.null func) (i32.const 100000)) (br $l)) (call $unchanged)`,
  fields: `(table 100000 funcref)`,
});
