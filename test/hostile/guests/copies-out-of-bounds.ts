import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'memory-out-of-bounds' },
  process: `(memory.copy (i32.const 0) (i32.const 65000) (i32.const 1000)) (call $unchanged)`,
});
