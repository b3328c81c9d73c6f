import { DEADLINE, processor } from '../guest.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: `(loop $l (drop (memory.grow (i32.const 0))) (br $l)) (call $unchanged)`,
});
