import { DEADLINE, processor } from '../guest.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: `(loop $l (br_if $l (i32.eqz (i32.load (i32.const 0))))) (call $unchanged)`,
});
