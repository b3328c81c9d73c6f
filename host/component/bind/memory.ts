/**
 * A linear memory with typed views. Growth detaches the views; `refresh` makes new ones, and code
 * that has called into the guest asks `u8.length === 0` before it looks at memory again.
 */
import type { InstanceLimits } from '../component.ts';
import { trap } from '../run/fault.ts';

/** Byte lengths of strings and lists are never more than this, so that no encoding of them overflows 32 bits. */
export const maxByteLength = 2 ** 28 - 1;

/** Where a memory begins: a buffer that nobody looked at costs the garbage collector nothing. */
const noViews = viewsOf(new ArrayBuffer(0));

function viewsOf(buffer: ArrayBuffer) {
  return {
    u8: new Uint8Array(buffer),
    i8: new Int8Array(buffer),
    u16: new Uint16Array(buffer),
    i16: new Int16Array(buffer),
    u32: new Uint32Array(buffer),
    i32: new Int32Array(buffer),
    u64: new BigUint64Array(buffer),
    i64: new BigInt64Array(buffer),
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
  };
}

export class Memory {
  readonly memory: WebAssembly.Memory;
  /** Most bytes of one string or list. */
  readonly transferBytes: number;
  readonly #liftBytes: number;
  /** What the values that are being lifted cost the host, so far. */
  #lifted = 0;
  u8 = noViews.u8;
  i8 = noViews.i8;
  u16 = noViews.u16;
  i16 = noViews.i16;
  u32 = noViews.u32;
  i32 = noViews.i32;
  u64 = noViews.u64;
  i64 = noViews.i64;
  f32 = noViews.f32;
  f64 = noViews.f64;

  constructor(memory: WebAssembly.Memory, limits: InstanceLimits = {}) {
    this.memory = memory;
    this.transferBytes = Math.min(maxByteLength, limits.transferBytes ?? maxByteLength);
    this.#liftBytes = limits.liftBytes ?? Number.MAX_SAFE_INTEGER;
  }

  refresh(): void {
    Object.assign(this, viewsOf(this.memory.buffer));
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

  /** The arguments or the result of a call are about to be lifted; `bytes` is what they cost in any case. */
  begin(bytes: number): void {
    this.#lifted = 0;
    this.charge(bytes);
  }

  /** Count bytes of host memory that lifting is about to take. */
  charge(bytes: number): void {
    this.#lifted += bytes;
    if (this.#lifted > this.#liftBytes) {
      trap(
        'lift-budget',
        `lifting the values of one call takes more than ${this.#liftBytes} bytes of the host's memory`,
      );
    }
  }

  /** May a string or list of so many bytes cross to the host? */
  checkTransfer(size: number, what: string): void {
    if (size > this.transferBytes) {
      trap(
        'too-long',
        `a ${what} of ${size} bytes exceeds the limit of ${this.transferBytes}: ${what} content out-of-bounds`,
      );
    }
  }
}

/** A guest's `realloc`, called with `mayLeave` off, its answer checked. */
export type Realloc = (old: number, oldSize: number, align: number, size: number) => number;
