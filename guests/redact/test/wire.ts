/** The protobuf wire format by hand, for messages that no encoder would write. */

export type Bytes = Uint8Array;

export function concat(...parts: readonly Bytes[]): Bytes {
  return Uint8Array.from(Buffer.concat(parts));
}

/** `value` as a varint, padded to `size` bytes if that is more than it needs. */
export function varint(value: number | bigint, size = 1): Bytes {
  const bytes: number[] = [];
  for (let rest = BigInt(value); rest > 0n || bytes.length < size; rest >>= 7n)
    bytes.push(Number(rest & 127n) | 128);
  bytes[bytes.length - 1]! &= 127;
  return Uint8Array.from(bytes);
}

export function tag(field: number, wireType: number): Bytes {
  return varint(field * 8 + wireType);
}

/** A field with a length: bytes, a text, or a message of fields. */
export function sized(field: number, ...contents: readonly (Bytes | string)[]): Bytes {
  const body = concat(...contents.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return concat(tag(field, 2), varint(body.length), body);
}

/** A group, the deprecated form of a message. */
export function group(field: number, ...contents: readonly Bytes[]): Bytes {
  return concat(tag(field, 3), ...contents, tag(field, 4));
}
