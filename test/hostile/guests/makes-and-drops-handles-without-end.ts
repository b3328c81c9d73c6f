import { processor } from '../guest.ts';

/** A million, one live at a time: no table grows by them. */
export default processor({
  expected: { answers: 200 },
  world: { exports: ['things'] },
  process: `(local $left i32)
    (local.set $left (i32.const 1000000))
    (loop $more
      (call $drop-thing (call $new-thing (local.get $left)))
      (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $unchanged)`,
});
