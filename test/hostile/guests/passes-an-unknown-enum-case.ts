import { composed } from '../composed.ts';

export default composed({
  expected: { fault: 'bad-value' },
  process: `(call $take-level (i32.const 2)) (call $unchanged)`,
});
