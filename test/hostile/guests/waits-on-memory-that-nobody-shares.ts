import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'other' },
  process: `(memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))`,
});
