import { DEADLINE, processor } from '../guest.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  process: `(loop $l (block $out (br_table $l $out $l (i32.const 0)))) (call $unchanged)`,
});
