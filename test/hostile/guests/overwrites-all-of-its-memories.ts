import { DEADLINE, processor } from '../guest.ts';

/** Whatever lies in them: what decides when a call ends is not among it. */
export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  memory: '(memory (export "memory") 2) (memory $b 2) (memory $c 2)',
  process: `(memory.fill (i32.const 0) (i32.const 0) (i32.const 131072))
    (memory.fill $b (i32.const 0) (i32.const 0) (i32.const 131072))
    (memory.fill $c (i32.const 0) (i32.const 0) (i32.const 131072))
    (loop $l (i32.store $c (i32.const 0) (i32.const 0)) (br $l))
    (call $unchanged)`,
});
