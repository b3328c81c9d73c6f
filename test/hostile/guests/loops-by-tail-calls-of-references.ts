import { DEADLINE, processor } from '../guest.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: `(return_call_ref $answer (ref.func $spin))`,
  fields: `(type $answer (func (result i32))) (elem declare func $spin) (func $spin (type $answer) (return_call_ref $answer (ref.func $spin)))`,
});
