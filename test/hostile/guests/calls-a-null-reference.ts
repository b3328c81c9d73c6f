import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'trap' },
  process: `(call_ref $answer (ref.null $answer))`,
  fields: `(type $answer (func (result i32)))`,
});
