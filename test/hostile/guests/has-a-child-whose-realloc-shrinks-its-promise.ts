import { composed } from '../composed.ts';

export default composed({
  expected: { fault: 'bad-value' },
  process: `(call $take-numbers (i32.const 0) (i32.const 100)) (call $unchanged)`,
  callee: `(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65528))`,
});
