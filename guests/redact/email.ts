/**
 * Finds e-mail addresses: letters, digits and `._%+-`, then `@`, then a domain name of two labels or
 * more, the last of which begins with a letter and has two bytes or more (so `left-pad@1.3.0` is none).
 * Letters beyond ASCII count, in front of the `@` and behind it.
 */
import { is, LABEL, LETTER, LOCAL } from './characters';
import { NONE, setHitEnd } from './hit';

const AT: u8 = 0x40;
const DOT: u8 = 0x2e;
const HYPHEN: u8 = 0x2d;

/** The start of the first address in `[from, end)`, or NONE. Linear: no character of a part is an `@`. */
export function nextEmail(from: usize, end: usize): usize {
  for (let at = from; at < end; at++) {
    if (load<u8>(at) != AT) continue;
    let start = at;
    while (start > from && is(start - 1, LOCAL)) start--;
    if (start == at) continue;
    const domainEnd = domain(at + 1, end);
    if (domainEnd == NONE) continue;
    setHitEnd(domainEnd);
    return start;
  }
  return NONE;
}

/** The end of the longest domain name that begins at `p`, or NONE. */
function domain(p: usize, end: usize): usize {
  let best: usize = NONE;
  let labels = 0;
  while (true) {
    const label = p;
    while (p < end && is(p, LABEL)) p++;
    if (p == label) return best;
    let labelEnd = p;
    while (labelEnd > label && load<u8>(labelEnd - 1) == HYPHEN) labelEnd--;
    if (++labels >= 2 && labelEnd >= label + 2 && is(label, LETTER)) best = labelEnd;
    if (p >= end || load<u8>(p) != DOT) return best;
    p++;
  }
}
