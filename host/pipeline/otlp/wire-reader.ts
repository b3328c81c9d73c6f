/** Reads protobuf's wire format: tags, varints, lengths. Refuses what runs over an end or is no varint. */
import { MalformedOtlpError } from '../errors.ts';

/** Groups in groups that are skipped; no OTLP message has any. */
const MAX_GROUPS = 32;

export class WireReader {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** The next byte to read. */
  at = 0;
  /** High half of the last `varint64`. */
  high = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A field's tag: `number << 3 | wireType`. */
  tag(end: number): number {
    const start = this.at;
    const tag = this.varint(end);
    if (tag > 0xffff_ffff || tag < 8) throw this.malformed(start, 'a field number was expected');
    return tag;
  }

  /** A varint up to 2^53; beyond that the low bits are lost. @throws MalformedOtlpError */
  varint(end: number): number {
    const bytes = this.bytes;
    if (this.at < end) {
      const first = bytes[this.at]!;
      if (first < 0x80) {
        this.at += 1;
        return first;
      }
    }
    const low = this.varint64(end);
    return this.high * 0x1_0000_0000 + low;
  }

  /** A 64-bit varint: the low 32 bits come back, the high ones are in `high`. @throws MalformedOtlpError */
  varint64(end: number): number {
    const start = this.at;
    const bytes = this.bytes;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= end) throw this.malformed(start, 'a number is cut off');
      const byte = bytes[this.at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.high = high >>> 0;
        return low >>> 0;
      }
    }
    throw this.malformed(start, 'a number has more than 10 bytes');
  }

  /** The end of the length-delimited value that begins here; `at` is then its first byte. */
  delimited(end: number): number {
    const start = this.at;
    const length = this.varint(end);
    if (length > end - this.at) {
      throw this.malformed(start, `a length of ${length} bytes where ${end - this.at} are left`);
    }
    return this.at + length;
  }

  /** Step over a fixed number of bytes. */
  skipBytes(count: number, end: number): void {
    if (count > end - this.at)
      throw this.malformed(this.at, `${count} bytes expected, ${end - this.at} left`);
    this.at += count;
  }

  /** Step over the value of an unknown field, whose tag was just read. */
  skip(tag: number, end: number, groups = 0): void {
    const start = this.at;
    switch (tag & 7) {
      case 0:
        this.varint64(end);
        return;
      case 1:
        this.skipBytes(8, end);
        return;
      case 2:
        this.at = this.delimited(end);
        return;
      case 3:
        if (groups >= MAX_GROUPS) throw this.malformed(start, 'groups are nested too deep');
        for (;;) {
          const inner = this.tag(end);
          if ((inner & 7) !== 4) this.skip(inner, end, groups + 1);
          else if (inner >>> 3 === tag >>> 3) return;
          else throw this.malformed(start, 'a group ends as another');
        }
      case 5:
        this.skipBytes(4, end);
        return;
      default:
        throw this.malformed(start, `wire type ${tag & 7} does not belong here`);
    }
  }

  malformed(at: number, problem: string): MalformedOtlpError {
    return new MalformedOtlpError(`byte ${at}`, problem);
  }
}
