import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  process: `(drop (call $unchanged)) (i32.store8 (i32.const 64) (i32.const 2)) (i32.const 64)`,
});
