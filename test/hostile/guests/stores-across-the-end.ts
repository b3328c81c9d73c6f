import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'memory-out-of-bounds' },
  process: `(i32.store (i32.const 65533) (i32.const 1)) (call $unchanged)`,
});
