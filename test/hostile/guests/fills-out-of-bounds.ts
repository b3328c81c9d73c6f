import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'memory-out-of-bounds' },
  process: `(memory.fill (i32.const 65000) (i32.const 1) (i32.const 1000)) (call $unchanged)`,
});
