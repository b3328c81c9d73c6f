/**
 * Masks what must not be seen in one text. Nearly all text holds nothing of the kind, so a glance at
 * sixteen bytes at a time decides first whether a finder has to look at all. The glance may say yes
 * too often, never no.
 */
import { nextJsonWebToken, nextToken } from './bearer-token';
import { nextCardNumber } from './card-number';
import { mask } from './edits';
import { nextEmail } from './email';
import { hitEnd, NONE } from './hit';

export const EMAIL: u32 = 0;
export const CARD_NUMBER: u32 = 1;
export const BEARER_TOKEN: u32 = 2;

/** Shorter than `a@b.cd` there is nothing to find. */
const LENGTH_MIN: usize = 6;

/** How far behind a text the glance may read: into the block that holds its end, and five bytes more. */
const GLANCE_BEHIND: usize = 16 + 5;

const AT: u8 = 0x40;
const SPACE: u8 = 0x20;
const HYPHEN: u8 = 0x2d;
const ZERO: u8 = 0x30;
const LOWER: u8 = 0x20;

/** What to look for: one bit a kind. */
let wanted: u32 = 0;
/** Where memory that can be read ends. */
let memoryEnd: usize = 0;

/** Look for the kinds in `kinds` (bit n for kind n) from now on. */
export function lookFor(kinds: u32): void {
  wanted = kinds;
}

/** Before each batch: memory may have grown. */
export function noteMemory(): void {
  memoryEnd = (<usize>memory.size()) << 16;
}

/** Enter the edits that mask the hits in the text at `[start, end)`. Returns by how much it grows. */
export function maskText(start: usize, end: usize): i32 {
  if (end - start < LENGTH_MIN) return 0;
  const likely = (end + GLANCE_BEHIND > memoryEnd ? u32.MAX_VALUE : glance(start, end)) & wanted;
  return likely == 0 ? 0 : maskHits(start, end, likely);
}

/** The kinds that the text may hold. */
function glance(start: usize, end: usize): u32 {
  let at = i8x16.splat(0);
  let tokens = i8x16.splat(0);
  let cards: u32 = 0;
  let digitsBefore: u32 = 0;
  for (let p = start; p < end; p += 16) {
    const block = v128.load(p);
    at = v128.or(at, i8x16.eq(block, i8x16.splat(AT)));

    // Tokens: a `b` and five bytes on an `r`, in any case, as in `bearer`; or a `y` and then a `J`, as in `eyJ`.
    const next = v128.load(p, 1);
    const fifth = v128.load(p, 5);
    const lower = i8x16.splat(LOWER);
    const word = v128.and(
      i8x16.eq(v128.or(block, lower), i8x16.splat(0x62)),
      i8x16.eq(v128.or(fifth, lower), i8x16.splat(0x72)),
    );
    const jwt = v128.and(i8x16.eq(block, i8x16.splat(0x79)), i8x16.eq(next, i8x16.splat(0x4a)));
    tokens = v128.or(tokens, v128.or(word, jwt));

    // Cards: 13 digits or separators in a row. Such a row lies within two blocks, whose bits are joined here.
    const digit = i8x16.lt_u(i8x16.sub(block, i8x16.splat(ZERO)), i8x16.splat(10));
    const separator = v128.or(i8x16.eq(block, i8x16.splat(SPACE)), i8x16.eq(block, i8x16.splat(HYPHEN)));
    const digits = <u32>i8x16.bitmask(v128.or(digit, separator));
    const both = digitsBefore | (digits << 16);
    const twoInRow = both & (both >> 1);
    const fourInRow = twoInRow & (twoInRow >> 2);
    const eightInRow = fourInRow & (fourInRow >> 4);
    cards |= eightInRow & (fourInRow >> 8) & (both >> 12);
    digitsBefore = digits;
  }
  return (
    ((<u32>v128.any_true(at)) << EMAIL) |
    ((<u32>(cards != 0)) << CARD_NUMBER) |
    ((<u32>v128.any_true(tokens)) << BEARER_TOKEN)
  );
}

/** Hits that overlap are masked as one, by the mask of the one that begins first. */
function maskHits(first: usize, end: usize, likely: u32): i32 {
  const tokens = (likely & (1 << BEARER_TOKEN)) != 0;
  let token = tokens ? nextToken(first, end) : NONE;
  let tokenEnd = hitEnd();
  let jwt = tokens ? nextJsonWebToken(first, end) : NONE;
  let jwtEnd = hitEnd();
  let card = likely & (1 << CARD_NUMBER) ? nextCardNumber(first, first, end) : NONE;
  let cardEnd = hitEnd();
  let email = likely & (1 << EMAIL) ? nextEmail(first, end) : NONE;
  let emailEnd = hitEnd();

  let growth = 0;
  while (true) {
    const start = min(min(token, jwt), min(card, email));
    if (start == NONE) return growth;
    const kind = start == token || start == jwt ? BEARER_TOKEN : start == card ? CARD_NUMBER : EMAIL;
    let maskEnd = start + 1;
    while (min(min(token, jwt), min(card, email)) < maskEnd) {
      if (token < maskEnd) {
        maskEnd = max(maskEnd, tokenEnd);
        token = nextToken(token, end);
        tokenEnd = hitEnd();
      }
      if (jwt < maskEnd) {
        maskEnd = max(maskEnd, jwtEnd);
        jwt = nextJsonWebToken(jwtEnd, end);
        jwtEnd = hitEnd();
      }
      if (card < maskEnd) {
        maskEnd = max(maskEnd, cardEnd);
        card = nextCardNumber(first, cardEnd, end);
        cardEnd = hitEnd();
      }
      if (email < maskEnd) {
        maskEnd = max(maskEnd, emailEnd);
        email = nextEmail(emailEnd, end);
        emailEnd = hitEnd();
      }
    }
    growth += mask(start, maskEnd - start, kind);
  }
}
