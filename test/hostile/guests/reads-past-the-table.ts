import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'table-out-of-bounds' },
  process: `(drop (table.get 0 (i32.const 2))) (call $unchanged)`,
  fields: `(table 2 funcref)`,
});
