import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'integer-overflow' },
  process: `(i32.div_s (i32.const 0x80000000) (i32.sub (i32.load (i32.const 0)) (i32.const 1)))`,
});
