import { DEADLINE, processor } from '../guest.ts';

export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  memory: '(memory (export "memory") 256)',
  process: `(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 16777216)) (br $l)) (call $unchanged)`,
});
