import { processor, REALLOC } from '../guest.ts';

/** The block begins within memory and ends one byte after it. */
export default processor({
  expected: { fault: 'bad-value' },
  realloc: `${REALLOC} (i32.sub (i32.const 65537) (local.get $wanted)))`,
});
