import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'table-out-of-bounds' },
  process: `(call_indirect (result i32) (i32.const 9))`,
  fields: `(table 2 funcref)`,
});
