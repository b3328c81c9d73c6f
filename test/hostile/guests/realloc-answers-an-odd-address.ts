import { processor, REALLOC } from '../guest.ts';

/** For UTF-16, which must lie at even ones. */
export default processor({
  expected: { failsToStart: 'bad-value' },
  world: { exports: ['configured'], encoding: 'utf16' },
  realloc: `${REALLOC} (i32.const 4097))`,
});
