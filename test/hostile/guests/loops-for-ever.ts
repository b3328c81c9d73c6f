import { DEADLINE, processor } from '../guest.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: `(loop $l (br $l)) (call $unchanged)`,
});
