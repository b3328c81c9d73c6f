import { DEADLINE, processor } from '../guest.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: `(return_call $spin)`,
  fields: `(func $spin (result i32) (return_call $spin))`,
});
