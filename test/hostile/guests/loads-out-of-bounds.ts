import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'memory-out-of-bounds' },
  process: `(i32.load (i32.const -8))`,
});
