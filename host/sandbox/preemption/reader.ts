/**
 * A cursor over a core module's bytes. Every read is checked against the end of what is being read,
 * and fails with a `ModuleError` that says where. It knows numbers and names, not sections.
 */
import { malformed } from './errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Reader {
  readonly bytes: Uint8Array;
  /** Offset of the next byte, from the module's start. */
  pos: number;
  /** Nothing is read at or past this offset. */
  readonly end: number;

  constructor(bytes: Uint8Array, pos = 0, end = bytes.length) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.pos >= this.end;
  }

  byte(what: string): number {
    if (this.pos >= this.end) throw malformed(`unexpected end: expected ${what}`, this.pos);
    return this.bytes[this.pos++]!;
  }

  /** An unsigned LEB128 integer of 32 bits. */
  u32(what: string): number {
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte(what);
      if (shift === 28 && byte > 0x0f) throw malformed(`${what} does not fit into 32 bits`, this.pos - 1);
      result += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return result;
    }
  }

  /** An unsigned LEB128 integer of 64 bits. */
  u64(what: string): bigint {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte(what);
      if (shift === 63n && byte > 1) throw malformed(`${what} does not fit into 64 bits`, this.pos - 1);
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
  }

  /** A LEB128 integer of at most 64 bits, whose value does not matter. */
  skipInteger(what: string): void {
    const start = this.pos;
    while (this.byte(what) >= 0x80) {
      if (this.pos - start >= 10) throw malformed(`${what} is longer than 10 bytes`, start);
    }
  }

  skip(count: number, what: string): void {
    if (count > this.end - this.pos)
      throw malformed(`unexpected end: expected ${count} bytes of ${what}`, this.pos);
    this.pos += count;
  }

  /** The next `count` bytes as a reader of their own; this one moves past them. */
  slice(count: number, what: string): Reader {
    const start = this.pos;
    this.skip(count, what);
    return new Reader(this.bytes, start, start + count);
  }

  name(what: string): string {
    const length = this.u32(`the length of ${what}`);
    const start = this.pos;
    this.skip(length, what);
    try {
      return utf8.decode(this.bytes.subarray(start, this.pos));
    } catch {
      throw malformed(`${what} is not valid UTF-8`, start);
    }
  }

  /** Complain unless everything was read. */
  finish(what: string): void {
    if (this.pos !== this.end) throw malformed(`${what} has ${this.end - this.pos} bytes too many`, this.pos);
  }
}
