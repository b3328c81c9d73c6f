import { composed } from '../composed.ts';

/** Eight bytes each: the size of all of them is 8, in 32 bits. */
export default composed({
  expected: { fault: 'bad-value' },
  process: `(call $take-numbers (i32.const 0) (i32.const 0x20000001)) (call $unchanged)`,
});
