import { composed } from '../composed.ts';

export default composed({
  expected: { fault: 'bad-value' },
  process: `(call $take-char (i32.const -1)) (call $unchanged)`,
});
