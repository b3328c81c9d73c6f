import { DEADLINE, processor } from '../guest.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: `(return_call_indirect (result i32) (i32.const 0))`,
  fields: `(table 1 funcref) (elem (i32.const 0) $spin) (func $spin (result i32) (return_call_indirect (result i32) (i32.const 0)))`,
});
