/** Varints of the protobuf wire format. */

/** What `readVarint` returns for one that is cut off, too long or, where that matters, too large. */
export const BAD: u64 = u64.MAX_VALUE;

let after: usize = 0;

/** The byte after the varint that was read last. */
export function afterVarint(): usize {
  return after;
}

/** The varint at `p`, or BAD when it does not end before `end`, has more than 10 bytes, or more than 63 bits. */
export function readVarint(p: usize, end: usize): u64 {
  let value: u64 = 0;
  for (let shift: u64 = 0; shift < 70; shift += 7) {
    if (p >= end) return BAD;
    const byte = load<u8>(p++);
    // No tag and no length is that large.
    if (shift == 63 && byte != 0) return BAD;
    value |= (<u64>(byte & 0x7f)) << shift;
    if (byte < 0x80) {
      after = p;
      return value;
    }
  }
  return BAD;
}

/** The byte after the varint at `p`, or 0 when it does not end before `end` or has more than 10 bytes. */
export function skipVarint(p: usize, end: usize): usize {
  const last = p + 10;
  while (p < end && p < last) if (load<u8>(p++) < 0x80) return p;
  return 0;
}

/** How many bytes `value` takes. */
export function varintSize(value: u32): i32 {
  return 1 + (31 - clz<u32>(value | 1)) / 7;
}

/** Write `value` at `to`; returns the byte after it. */
export function writeVarint(to: usize, value: u32): usize {
  while (value >= 0x80) {
    store<u8>(to++, <u8>(value | 0x80));
    value >>= 7;
  }
  store<u8>(to, <u8>value);
  return to + 1;
}
