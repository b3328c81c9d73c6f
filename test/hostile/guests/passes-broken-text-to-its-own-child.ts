import { composed } from '../composed.ts';

export default composed({
  expected: { fault: 'bad-value' },
  process: `(call $take-texts (i32.const 512) (i32.const 3) (i32.const 0) (i32.const 0)) (call $unchanged)`,
  fields: `(data (i32.const 512) "\\ed\\bf\\bf")`,
});
