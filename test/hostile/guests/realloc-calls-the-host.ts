import { processor, REALLOC } from '../guest.ts';

/** Nothing may be called while the host puts arguments into its memory. */
export default processor({
  expected: { fault: 're-entry' },
  world: { imports: ['clock'] },
  realloc: `${REALLOC} (i32.wrap_i64 (call $now)))`,
});
