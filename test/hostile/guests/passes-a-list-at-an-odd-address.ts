import { composed } from '../composed.ts';

export default composed({
  expected: { fault: 'bad-value' },
  process: `(call $take-numbers (i32.const 4) (i32.const 1)) (call $unchanged)`,
});
