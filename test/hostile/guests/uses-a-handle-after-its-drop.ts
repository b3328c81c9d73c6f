import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'bad-value' },
  world: { exports: ['things'] },
  process: `(local $h i32) (local.set $h (call $new-thing (i32.const 7))) (call $drop-thing (local.get $h)) (drop (call $rep-thing (local.get $h))) (call $unchanged)`,
});
