import { expect } from 'vitest';
import { processor } from '../guest.ts';

export default processor({
  expected: { answers: 200 },
  world: { imports: ['log'] },
  memory: '(memory (export "memory") 32)',
  process:
    '(call $log (i32.const 4) (i32.const 65536) (i32.const 1048576) (i32.const 0) (i32.const 0)) (call $unchanged)',
  check: ({ log }) => {
    for (const line of log) expect(line.length).toBeLessThan(100_000);
  },
});
