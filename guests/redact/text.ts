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
const NINE: u8 = 0x39;
const CAPITAL_J: u8 = 0x4a;
const LETTER_A: u8 = 0x61;
const LETTER_B: u8 = 0x62;
const LETTER_E: u8 = 0x65;
const LETTER_R: u8 = 0x72;
const LETTER_Y: u8 = 0x79;
const LOWER: u8 = 0x20;

/** How many digits of a card number one block holds at least. */
const DIGITS_IN_BLOCK = 7;

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

/** The kinds that may be found in the text at `[start, end)`: none for nearly all. One bit a kind. */
export function likelyKinds(start: usize, end: usize): u32 {
  if (end - start < LENGTH_MIN) return 0;
  if (end + GLANCE_BEHIND > memoryEnd) return wanted;
  return harmless(start, end) ? 0 : glance(start, end) & wanted;
}

/**
 * The first glance: whether the text has no `@`, no `J` (of `eyJ`), no `b` with an `r` five bytes on (of
 * `bearer`, in any case) and no seven characters in a row, within one block, that a card number may have: of
 * 13 digits that lie in two blocks or three, one block holds seven. Every text is looked at so, and most
 * go no further: each instruction here counts.
 */
function harmless(start: usize, end: usize): bool {
  let found = i8x16.splat(0);
  for (let p = start; p < end; p += 16) {
    const block = v128.load(p);
    const b = isLetter(block, LETTER_B);
    const r = isLetter(v128.load(p, 5), LETTER_R);
    const atOrJ = v128.or(is(block, AT), is(block, CAPITAL_J));
    found = v128.or(found, v128.or(v128.and(b, r), atOrJ));
    const digits = digitsIn(block);
    if (popcnt(i8x16.bitmask(digits)) >= DIGITS_IN_BLOCK && sevenInRow(ofCardNumber(block, digits)))
      return false;
  }
  return !v128.any_true(found);
}

/** The second glance: the kinds that the text may hold. Seldom wrong. */
function glance(start: usize, end: usize): u32 {
  let at = i8x16.splat(0);
  let tokens = i8x16.splat(0);
  let cards: u32 = 0;
  let before: u32 = 0;
  for (let p = start; p < end; p += 16) {
    const block = v128.load(p);
    at = v128.or(at, is(block, AT));

    const next = v128.load(p, 1);
    const third = v128.load(p, 2);
    const be = v128.and(isLetter(block, LETTER_B), isLetter(next, LETTER_E));
    const ar = v128.and(isLetter(third, LETTER_A), isLetter(v128.load(p, 5), LETTER_R));
    const eyJ = v128.and(v128.and(is(block, LETTER_E), is(next, LETTER_Y)), is(third, CAPITAL_J));
    tokens = v128.or(tokens, v128.or(v128.and(be, ar), eyJ));

    // 13 in a row lie in one block or in two: look at each two together.
    const these = <u32>i8x16.bitmask(ofCardNumber(block, digitsIn(block)));
    cards |= thirteenInRow(before | (these << 16));
    before = these;
  }
  return (
    ((<u32>v128.any_true(at)) << EMAIL) |
    ((<u32>(cards != 0)) << CARD_NUMBER) |
    ((<u32>v128.any_true(tokens)) << BEARER_TOKEN)
  );
}

function is(block: v128, byte: u8): v128 {
  return i8x16.eq(block, i8x16.splat(byte));
}

/** Where `block` holds the lower-case `letter`, or the same in upper case (or a few other bytes). */
function isLetter(block: v128, letter: u8): v128 {
  return i8x16.eq(v128.or(block, i8x16.splat(LOWER)), i8x16.splat(letter));
}

function digitsIn(block: v128): v128 {
  // Added so much, `9` becomes the largest signed byte, and only the other digits come near it.
  return i8x16.gt_s(i8x16.add(block, i8x16.splat(0x7f - NINE)), i8x16.splat(0x7f - 10));
}

/** Where `block` holds a digit or a separator. */
function ofCardNumber(block: v128, digits: v128): v128 {
  return v128.or(digits, v128.or(is(block, SPACE), is(block, HYPHEN)));
}

function sevenInRow(block: v128): bool {
  const bits = <u32>i8x16.bitmask(block);
  const two = bits & (bits >> 1);
  const four = two & (two >> 2);
  return (four & (four >> 3)) != 0;
}

/** Not zero where 13 bits in a row are set. */
function thirteenInRow(bits: u32): u32 {
  const two = bits & (bits >> 1);
  const four = two & (two >> 2);
  const eight = four & (four >> 4);
  return eight & (eight >> 5);
}

/**
 * Enter the edits that mask the hits of these kinds in the text at `[first, end)`. Hits that overlap are
 * masked as one, by the mask of the one that begins first. Returns by how much the text grows.
 */
export function maskText(first: usize, end: usize, kinds: u32): i32 {
  const tokens = (kinds & (1 << BEARER_TOKEN)) != 0;
  let token = tokens ? nextToken(first, end) : NONE;
  let tokenEnd = hitEnd();
  let jwt = tokens ? nextJsonWebToken(first, end) : NONE;
  let jwtEnd = hitEnd();
  let card = kinds & (1 << CARD_NUMBER) ? nextCardNumber(first, first, end) : NONE;
  let cardEnd = hitEnd();
  let email = kinds & (1 << EMAIL) ? nextEmail(first, end) : NONE;
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
