import { DEADLINE, processor } from '../guest.ts';

/** It catches every exception for ever. The first one is what it is discarded for; the deadline is what ends it. */
export default processor({
  expected: { fault: 'host-service' },
  entry: DEADLINE,
  world: { imports: ['timers'], exports: ['lifecycle'] },
  process:
    '(loop $more try (drop (call $after (i32.const 100000))) catch_all end (br $more)) (call $unchanged)',
});
