import { composed } from '../composed.ts';
import { DEADLINE } from '../guest.ts';

export default composed({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: '(call $take-numbers (i32.const 0) (i32.const 1)) (call $unchanged)',
  callee:
    '(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (loop $l (br $l)) (i32.const 0))',
});
