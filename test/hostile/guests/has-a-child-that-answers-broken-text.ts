import { composed } from '../composed.ts';

export default composed({
  expected: { fault: 'bad-value' },
  process: `(call $give-text (i32.const 256)) (call $unchanged)`,
  callee: `(data (i32.const 512) "\\00\\04\\00\\00\\02\\00\\00\\00") (data (i32.const 1024) "\\fe\\fe") (func (export "test:hostile/inner@1.0.0#give-text") (result i32) (i32.const 512))`,
});
