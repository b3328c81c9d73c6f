import { expect } from 'vitest';
import { processor } from '../guest.ts';

/** By a page at a time, writing to each, until it gets no more. It then goes on as if nothing were. */
export default processor({
  expected: { answers: 200 },
  entry: { limits: { memory: '32MiB' } },
  process: `(local $page i32)
    (block $full
      (loop $more
        (local.set $page (memory.grow (i32.const 1)))
        (br_if $full (i32.lt_s (local.get $page) (i32.const 0)))
        (memory.fill (i32.mul (local.get $page) (i32.const 65536)) (i32.const 1) (i32.const 65536))
        (br $more)))
    (call $unchanged)`,
  check: ({ instance }) => {
    expect(instance!.memoryBytes).toBe(32 * 2 ** 20);
  },
});
