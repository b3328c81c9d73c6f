import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'other' },
  process: `(i32.atomic.load (i32.const 1))`,
});
