import { DEADLINE, processor } from '../guest.ts';

export default processor({
  expected: { failsToStart: 'deadline' },
  entry: DEADLINE,
  world: {},
  fields: `(func $begin (loop $l (br $l))) (start $begin)`,
});
