/**
 * Finds payment card numbers: 13 to 19 digits, in groups with a single space or hyphen between them or
 * all together, that pass the Luhn check. A number begins and ends where a group does. The digits of a
 * decimal fraction (`0.4111…`) are none, nor are zeros alone.
 */
import { DIGIT, is } from './characters';
import { NONE, setHitEnd } from './hit';

const DIGITS_MIN = 13;
const DIGITS_MAX = 19;
const SPACE: u8 = 0x20;
const HYPHEN: u8 = 0x2d;
const DOT: u8 = 0x2e;

/** The start of the first number in `[from, end)`, or NONE. `first` is where the text begins. */
export function nextCardNumber(first: usize, from: usize, end: usize): usize {
  let p = from;
  while (p < end) {
    if (!is(p, DIGIT)) {
      p++;
      continue;
    }
    const fraction = p >= first + 2 && load<u8>(p - 1) == DOT && is(p - 2, DIGIT);
    const numberEnd = fraction ? NONE : longestNumber(p, end);
    if (numberEnd != NONE) {
      setHitEnd(numberEnd);
      return p;
    }
    while (p < end && is(p, DIGIT)) p++;
  }
  return NONE;
}

/** The end of the longest card number that begins with the group at `p`, or NONE. Looks at 20 digits at most. */
function longestNumber(p: usize, end: usize): usize {
  let best: usize = NONE;
  let digits = 0;
  // Luhn doubles every second digit, counted from the last, which is not known yet: keep both sums.
  let sumEvenDoubled = 0;
  let sumOddDoubled = 0;
  while (true) {
    while (p < end && is(p, DIGIT)) {
      if (digits == DIGITS_MAX) return best;
      const digit = <i32>load<u8>(p) - 0x30;
      const doubled = digit < 5 ? digit * 2 : digit * 2 - 9;
      if (digits++ & 1) {
        sumEvenDoubled += digit;
        sumOddDoubled += doubled;
      } else {
        sumEvenDoubled += doubled;
        sumOddDoubled += digit;
      }
      p++;
    }
    const sum = digits & 1 ? sumOddDoubled : sumEvenDoubled;
    if (digits >= DIGITS_MIN && sum % 10 == 0 && sum > 0) {
      if (!(p + 1 < end && load<u8>(p) == DOT && is(p + 1, DIGIT))) best = p;
    }
    if (p + 1 >= end || !is(p + 1, DIGIT)) return best;
    const separator = load<u8>(p);
    if (separator != SPACE && separator != HYPHEN) return best;
    p++;
  }
}
