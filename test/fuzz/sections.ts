/** Where the sections of a component or module lie; as many as can be told apart. */

export interface Section {
  readonly start: number;
  readonly end: number;
}

export function sectionsOf(bytes: Uint8Array): Section[] {
  const found: Section[] = [];
  for (let at = 8; at < bytes.length; ) {
    const start = at++;
    let size = 0;
    for (let shift = 0, more = true; more && at < bytes.length; shift += 7) {
      const byte = bytes[at++]!;
      size += (byte & 0x7f) * 2 ** shift;
      more = byte >= 0x80 && shift < 35;
    }
    at = Math.min(bytes.length, at + size);
    found.push({ start, end: at });
  }
  return found;
}
