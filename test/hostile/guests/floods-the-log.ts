import { expect } from 'vitest';
import { processor } from '../guest.ts';

const lines = 20_000;

export default processor({
  expected: { answers: 200 },
  world: { imports: ['log'] },
  entry: { limits: { log_lines_per_second: 50 } },
  process: `(local $left i32)
    (local.set $left (i32.const ${lines}))
    (loop $more
      (call $log (i32.const 4) (i32.const 0) (i32.const 8) (i32.const 0) (i32.const 0))
      (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $unchanged)`,
  check: ({ log, instance }) => {
    expect(log.length).toBeLessThan(400);
    expect(instance!.logLinesLeftOut).toBeGreaterThan(2 * lines - 400);
  },
});
