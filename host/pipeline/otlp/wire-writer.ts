/**
 * Writes protobuf's wire format back to front. A value is written before its length and its tag, so
 * every length is known when it is due and nothing is moved or measured twice.
 */
export class WireWriter {
  #buffer: Buffer;
  #view: DataView;
  #at: number;

  constructor(capacity = 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
    this.#view = new DataView(this.#buffer.buffer);
    this.#at = capacity;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#buffer.length - this.#at;
  }

  finish(): Uint8Array {
    return this.#buffer.subarray(this.#at);
  }

  tag(number: number, wireType: number): void {
    this.varint((number << 3) | wireType);
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    if (value < 0x80) {
      this.#take(1);
      this.#buffer[this.#at] = value;
      return;
    }
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size += 1;
    let at = this.#take(size);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.#buffer[at++] = (rest % 128) | 0x80;
    this.#buffer[at] = rest;
  }

  /** A 64-bit integer; a negative one is written as two's complement, as protobuf's int64 is. */
  varint64(value: bigint): void {
    const unsigned = BigInt.asUintN(64, value);
    if (unsigned <= Number.MAX_SAFE_INTEGER) {
      this.varint(Number(unsigned));
      return;
    }
    const bytes: number[] = [];
    let rest = unsigned;
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    this.bytes(Uint8Array.from(bytes));
  }

  fixed32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  fixed64(value: bigint): void {
    const at = this.#take(8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, value), true);
  }

  double(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
  }

  bytes(value: Uint8Array): void {
    const at = this.#take(value.length);
    this.#buffer.set(value, at);
  }

  text(value: string, encoding: 'utf8' | 'hex' | 'base64'): void {
    const at = this.#take(Buffer.byteLength(value, encoding));
    this.#buffer.write(value, at, encoding);
  }

  #take(count: number): number {
    if (count > this.#at) {
      const used = this.length;
      const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, used + count));
      this.#buffer.copy(grown, grown.length - used, this.#at);
      this.#buffer = grown;
      this.#view = new DataView(grown.buffer);
      this.#at = grown.length - used;
    }
    this.#at -= count;
    return this.#at;
  }
}
