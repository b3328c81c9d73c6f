/**
 * A linear memory with typed views. Growth detaches the views; `refresh` makes new ones, and code
 * that has called into the guest asks `u8.length === 0` before it looks at memory again.
 */
import { trap } from '../run/fault.ts';

/** Byte lengths of strings and lists stay below this, so that no encoding of them overflows 32 bits. */
export const maxByteLength = 2 ** 28 - 1;

export class Memory {
  readonly memory: WebAssembly.Memory;
  u8!: Uint8Array<ArrayBuffer>;
  i8!: Int8Array<ArrayBuffer>;
  u16!: Uint16Array<ArrayBuffer>;
  i16!: Int16Array<ArrayBuffer>;
  u32!: Uint32Array<ArrayBuffer>;
  i32!: Int32Array<ArrayBuffer>;
  u64!: BigUint64Array<ArrayBuffer>;
  i64!: BigInt64Array<ArrayBuffer>;
  f32!: Float32Array<ArrayBuffer>;
  f64!: Float64Array<ArrayBuffer>;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.refresh();
  }

  refresh(): void {
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer);
    this.i8 = new Int8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Memory as it is now, after the guest may have grown it. */
  fresh(): this {
    if (this.u8.length === 0) this.refresh();
    return this;
  }

  /** Does `[pointer, pointer + size)` lie in memory, and is it aligned? */
  check(pointer: number, size: number, align: number, what: string): void {
    if (pointer % align !== 0)
      trap('unaligned-pointer', `unaligned pointer: ${what} at ${pointer} must be aligned to ${align}`);
    if (pointer + size > this.u8.length) {
      trap('out-of-bounds', `${what} pointer/length out of bounds of memory: ${what} content out-of-bounds`);
    }
  }
}

/** A guest's `realloc`, called with `mayLeave` off, its answer checked. */
export type Realloc = (old: number, oldSize: number, align: number, size: number) => number;
