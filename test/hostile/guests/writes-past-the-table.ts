import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'table-out-of-bounds' },
  process: `(table.set 0 (i32.const -1) (ref.null func)) (call $unchanged)`,
  fields: `(table 2 funcref)`,
});
