import { composed } from '../composed.ts';
import { DEADLINE } from '../guest.ts';

export default composed({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: '(call $take-char (i32.const 65)) (call $unchanged)',
  callee: '(func (export "test:hostile/inner@1.0.0#take-char") (param i32) (loop $l (br $l)))',
});
