import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'indirect-call' },
  process: `(call_indirect (result i32) (i32.const 0))`,
  fields: `(table 1 funcref) (elem (i32.const 0) $other) (func $other (param i64))`,
});
