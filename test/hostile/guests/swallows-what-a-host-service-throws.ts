import { processor } from '../guest.ts';

/** It catches every exception, and goes on as if nothing had been: it is discarded all the same. */
export default processor({
  expected: { fault: 'host-service' },
  world: { imports: ['timers'], exports: ['lifecycle'] },
  process: `(local $left i32)
    (local.set $left (i32.const 10000))
    (loop $more
      try (drop (call $after (i32.const 100000))) catch_all end
      (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $unchanged)`,
});
