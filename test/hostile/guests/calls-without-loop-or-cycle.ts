import { DEADLINE, processor } from '../guest.ts';

const levels = 60;

/** Each function calls the one before it twice, and none calls one after it: 2⁶⁰ calls in some 700 bytes. */
export default processor({
  expected: { fault: 'deadline' },
  entry: DEADLINE,
  fields: `(func $f0)
    ${Array.from({ length: levels }, (_, i) => `(func $f${i + 1} (call $f${i}) (call $f${i}))`).join('\n')}`,
  process: `(call $f${levels}) (call $unchanged)`,
});
