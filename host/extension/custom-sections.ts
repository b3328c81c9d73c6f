/**
 * The top-level custom sections of a component: finding them, and adding one at the end. Looks at the
 * framing of sections alone; whether the rest is a component is for the decoder.
 */

export interface CustomSection {
  readonly name: string;
  /** Where the section begins, and where the next one does, bytes from the start. */
  readonly start: number;
  readonly end: number;
  readonly payload: Uint8Array;
}

const lenient = new TextDecoder();

/** In order, up to where the framing breaks off, if it does. */
export function customSections(bytes: Uint8Array): CustomSection[] {
  const found: CustomSection[] = [];
  let at = 8; // magic and version
  while (at < bytes.length) {
    const start = at;
    const id = bytes[at];
    const size = readLeb(bytes, at + 1);
    if (size === undefined || size.end + size.value > bytes.length) return found;
    const end = size.end + size.value;
    if (id === 0) {
      const length = readLeb(bytes, size.end);
      if (length === undefined || length.end + length.value > end) return found;
      const payload = length.end + length.value;
      const name = lenient.decode(bytes.subarray(length.end, payload));
      found.push({ name, start, end, payload: bytes.subarray(payload, end) });
    }
    at = end;
  }
  return found;
}

/** `bytes` with a custom section added, as a new array. */
export function addCustomSection(bytes: Uint8Array, name: string, payload: Uint8Array): Uint8Array {
  const encoded = new TextEncoder().encode(name);
  const body = [...leb(encoded.length), ...encoded];
  const head = [0, ...leb(body.length + payload.length), ...body];
  const out = new Uint8Array(bytes.length + head.length + payload.length);
  out.set(bytes);
  out.set(head, bytes.length);
  out.set(payload, bytes.length + head.length);
  return out;
}

function readLeb(bytes: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: start + i + 1 };
  }
  return undefined;
}

function leb(value: number): number[] {
  const out: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...out, rest];
    out.push((rest & 0x7f) | 0x80);
  }
}
