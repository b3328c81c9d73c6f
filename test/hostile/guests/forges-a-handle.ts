import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  world: { exports: ['things'] },
  process: `(drop (call $new-thing (i32.const 7))) (drop (call $rep-thing (i32.const 123456))) (call $unchanged)`,
});
