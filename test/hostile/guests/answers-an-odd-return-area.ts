import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  process: `(drop (call $unchanged)) (i32.const 65)`,
});
