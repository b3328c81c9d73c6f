import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  world: { exports: ['things'] },
  process: `(drop (call $rep-other (call $new-thing (i32.const 7)))) (call $unchanged)`,
});
