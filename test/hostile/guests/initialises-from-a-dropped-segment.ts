import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'memory-out-of-bounds' },
  process: `(data.drop 0) (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 1)) (call $unchanged)`,
  fields: `(data "x")`,
});
