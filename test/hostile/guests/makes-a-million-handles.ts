import { processor } from '../guest.ts';

export default processor({
  expected: { fault: 'handle-limit' },
  world: { exports: ['things'] },
  process: `(local $left i32)
    (local.set $left (i32.const 1000000))
    (loop $more
      (drop (call $new-thing (local.get $left)))
      (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $unchanged)`,
});
