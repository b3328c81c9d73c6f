import { DEADLINE, processor } from '../guest.ts';

/** Gigabytes, without a loop. */
export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  memory: '(memory (export "memory") 256)',
  process: `${'(memory.copy (i32.const 1) (i32.const 0) (i32.const 16777214))'.repeat(250)} (call $unchanged)`,
});
