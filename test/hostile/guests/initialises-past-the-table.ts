import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'table-out-of-bounds' },
  process: `(table.init 0 0 (i32.const 1) (i32.const 0) (i32.const 2)) (call $unchanged)`,
  fields: `(table 2 funcref) (elem func $unchanged $unchanged)`,
});
