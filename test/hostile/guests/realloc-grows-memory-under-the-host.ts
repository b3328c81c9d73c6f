import { processor, REALLOC } from '../guest.ts';

/** Each allocation detaches the buffer that the host may be looking at, and answers an address in the new page. */
export default processor({
  expected: { answers: 200 },
  realloc: `${REALLOC} (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))`,
  process: '(call $ok (i32.const 0) (local.get $at) (local.get $length))',
});
