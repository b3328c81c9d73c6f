/**
 * A cursor over bytes that nobody vouches for. Every read is bounded by the end of the innermost
 * section, every count by the bytes that are left, and every failure is a `DecodeError` with the
 * offset from the start of the outermost binary.
 */
import { DecodeError } from '../errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Reader {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.offset >= this.end;
  }

  fail(message: string, offset = this.offset): never {
    throw new DecodeError(message, offset);
  }

  /** A reader of the next `length` bytes, which this one steps over. */
  slice(length: number, what: string): Reader {
    if (length > this.end - this.offset) this.fail(`unexpected end: ${what} needs ${length} bytes`);
    const start = this.offset;
    this.offset += length;
    return new Reader(this.bytes, start, this.offset);
  }

  byte(what: string): number {
    if (this.offset >= this.end) this.fail(`unexpected end: expected ${what}`);
    return this.bytes[this.offset++]!;
  }

  peek(what: string): number {
    if (this.offset >= this.end) this.fail(`unexpected end: expected ${what}`);
    return this.bytes[this.offset]!;
  }

  expect(value: number, what: string): void {
    const start = this.offset;
    const found = this.byte(what);
    if (found !== value) this.fail(`expected ${what} (0x${hex(value)}), found 0x${hex(found)}`, start);
  }

  /** Unsigned LEB128 of 32 bits: at most five bytes, no bit beyond the 32nd. */
  u32(what: string): number {
    const start = this.offset;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte(what);
      if (shift === 28 && byte > 0x0f) {
        this.fail(byte & 0x80 ? `integer too long: ${what}` : `integer too large: ${what}`, start);
      }
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return this.fail(`integer too long: ${what}`, start);
  }

  /** Unsigned LEB128 of 64 bits. */
  u64(what: string): bigint {
    const start = this.offset;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte(what);
      if (shift === 63n && byte > 1) this.fail(`integer too large: ${what}`, start);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return this.fail(`integer too long: ${what}`, start);
  }

  /** Signed LEB128 of 33 bits, as type indices and type opcodes share it. */
  s33(what: string): number {
    const start = this.offset;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte(what);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (byte & 0x40) value -= 2 ** (shift + 7);
        if (value < -(2 ** 32) || value >= 2 ** 32) this.fail(`integer too large: ${what}`, start);
        return value;
      }
    }
    return this.fail(`integer too long: ${what}`, start);
  }

  /** A count of things that take at least one byte each. */
  count(what: string): number {
    const start = this.offset;
    const count = this.u32(`number of ${what}`);
    if (count > this.end - this.offset) {
      this.fail(`unexpected end: ${count} ${what} cannot fit in ${this.end - this.offset} bytes`, start);
    }
    return count;
  }

  vector<T>(what: string, read: () => T): T[] {
    const count = this.count(what);
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read());
    return items;
  }

  name(what: string): string {
    const length = this.u32(`length of ${what}`);
    const start = this.offset;
    const part = this.slice(length, what);
    try {
      return utf8.decode(this.bytes.subarray(part.offset, part.end));
    } catch {
      return this.fail(`${what} is not valid UTF-8 (malformed UTF-8 encoding)`, start);
    }
  }

  /** 0x00 for nothing, 0x01 for a value. */
  optional<T>(what: string, read: () => T): T | undefined {
    const start = this.offset;
    const flag = this.byte(what);
    if (flag === 0) return undefined;
    if (flag === 1) return read();
    return this.fail(`invalid leading byte 0x${hex(flag)} for an optional ${what}`, start);
  }
}

export function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
