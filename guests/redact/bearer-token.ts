/**
 * Finds bearer tokens, in two shapes: what follows the word `Bearer` (in any case) and blanks, and JSON
 * web tokens wherever they stand: `eyJ`, then base64url with two dots or more in it. The word itself
 * stays, so that a reader sees what was there.
 */
import { is, JWT, TOKEN } from './characters';
import { NONE, setHitEnd } from './hit';

const SPACE: u8 = 0x20;
const TAB: u8 = 0x09;
const EQUALS: u8 = 0x3d;
const DOT: u8 = 0x2e;

// `bear` and `er`, read as little-endian numbers; setting bit 5 of a letter makes it lower case.
const LOWER_4: u32 = 0x20202020;
const LOWER_2: u32 = 0x2020;
const BEAR: u32 = 0x72616562;
const ER: u32 = 0x7265;
const WORD_LENGTH: usize = 6;

/**
 * The start of the first token that follows the word, in `[from, end)`, or NONE. To find the next one go
 * on from this one's start: the token may be the word again.
 */
export function nextToken(from: usize, end: usize): usize {
  for (let word = from; word + WORD_LENGTH + 1 < end; word++) {
    if ((load<u32>(word) | LOWER_4) != BEAR || (load<u16>(word, 4) | LOWER_2) != ER) continue;
    let start = word + WORD_LENGTH;
    while (start < end && (load<u8>(start) == SPACE || load<u8>(start) == TAB)) start++;
    if (start == word + WORD_LENGTH) continue;
    let p = start;
    while (p < end && is(p, TOKEN)) p++;
    if (p == start) continue;
    while (p < end && load<u8>(p) == EQUALS) p++;
    setHitEnd(p);
    return start;
  }
  return NONE;
}

/** The start of the first JSON web token in `[from, end)`, or NONE. Linear: a run that is none is left whole. */
export function nextJsonWebToken(from: usize, end: usize): usize {
  let start = from;
  while (start + 2 < end) {
    if (load<u16>(start) != 0x7965 /* ey */ || load<u8>(start, 2) != 0x4a /* J */) {
      start++;
      continue;
    }
    let p = start;
    let dots = 0;
    while (p < end && is(p, JWT)) if (load<u8>(p++) == DOT) dots++;
    if (dots >= 2) {
      setHitEnd(p);
      return start;
    }
    start = p;
  }
  return NONE;
}
