import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'other' },
  process: `(call_ref $answer (ref.null $answer))`,
  fields: `(type $answer (func (result i32)))`,
});
