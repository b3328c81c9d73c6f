import { processor } from '../guest.ts';

/** The highest bit says UTF-16; what is left of the length is as large as it can be. */
export default processor({
  expected: { fault: 'bad-value' },
  world: { encoding: 'compact-utf16' },
  process: '(call $err (i32.const 512) (i32.const -1))',
});
