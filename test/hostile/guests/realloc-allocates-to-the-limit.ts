import { processor, REALLOC } from '../guest.ts';

/** Grows until it gets no more, then answers what it was told: −1 pages. */
export default processor({
  expected: { fault: 'bad-value' },
  realloc: `(global $last (mut i32) (i32.const 0))
    ${REALLOC} (loop $more
      (global.set $last (memory.grow (i32.const 16)))
      (br_if $more (i32.ge_s (global.get $last) (i32.const 0))))
    (i32.mul (global.get $last) (i32.const 65536)))`,
});
