import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'integer-divide-by-zero' },
  process: `(i32.div_s (i32.const 1) (i32.load (i32.const 0)))`,
});
