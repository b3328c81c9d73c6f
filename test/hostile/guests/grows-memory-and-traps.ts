import { processor } from '../guest.ts';

/** Each instance leaves 64 MiB behind, all of it written to. */
export default processor({
  expected: { fault: 'memory-limit' },
  entry: { limits: { memory: '64MiB' } },
  process: `(drop (memory.grow (i32.const 1023)))
    (memory.fill (i32.const 65536) (i32.const 1) (i32.const 67043328))
    unreachable`,
});
