import { processor, REALLOC } from '../guest.ts';

/** Zero is an address like any other: the batch is written there, and nothing is fooled by it. */
export default processor({
  expected: { answers: 200 },
  realloc: `${REALLOC} (i32.const 0))`,
  process:
    '(if (i32.or (i32.ne (local.get $at) (i32.const 0)) (i32.ne (i32.load8_u (i32.const 0)) (i32.const 10))) (then unreachable)) (call $unchanged)',
});
