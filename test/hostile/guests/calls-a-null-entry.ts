import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'indirect-call' },
  process: `(call_indirect (result i32) (i32.const 1))`,
  fields: `(table 2 funcref)`,
});
