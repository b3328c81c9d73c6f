/**
 * JavaScript values of component types: the small rules that lifting and lowering share, whether
 * generated or interpreted.
 */
import { trap } from '../run/fault.ts';
import type { ValueType } from '../types.ts';

/** A JavaScript value does not have the type that is asked for. Becomes a TypeError naming the parameter. */
export class WrongValue extends Error {
  override readonly name = 'WrongValue';
  readonly expected: string;

  constructor(expected: string, value: unknown) {
    super(`expected ${expected}, got ${show(value)}`);
    this.expected = expected;
  }
}

export function wrong(expected: string, value: unknown): never {
  throw new WrongValue(expected, value);
}

/** A value as an error message shows it: short, and without running its code. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
    case 'bigint':
      return `${value}n`;
    case 'number':
    case 'boolean':
    case 'undefined':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'object':
      if (value === null) return 'null';
      if (ArrayBuffer.isView(value)) return `an array of ${value.byteLength} bytes`;
      return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

/** An option whose absent value is `undefined`; options of such options are `{ tag, val }` instead. */
export function isNullable(type: ValueType): boolean {
  return type.kind === 'option' && !isNullable(type.some);
}

export interface IntegerRange {
  readonly min: number;
  readonly max: number;
}

export const integerRanges: Partial<Record<ValueType['kind'], IntegerRange>> = {
  s8: { min: -0x80, max: 0x7f },
  u8: { min: 0, max: 0xff },
  s16: { min: -0x8000, max: 0x7fff },
  u16: { min: 0, max: 0xffff },
  s32: { min: -0x80000000, max: 0x7fffffff },
  u32: { min: 0, max: 0xffffffff },
};

/** A code point, or a `WrongValue`. */
export function charOf(value: unknown): number {
  if (typeof value !== 'string') return wrong('a char', value);
  const code = value.codePointAt(0);
  if (code === undefined || value.length !== (code > 0xffff ? 2 : 1) || (code >= 0xd800 && code <= 0xdfff)) {
    return wrong('a char (one Unicode scalar value)', value);
  }
  return code;
}

export function charFrom(code: number): string {
  const unsigned = code >>> 0;
  if (unsigned >= 0x110000 || (unsigned >= 0xd800 && unsigned <= 0xdfff)) {
    trap('invalid-char', `invalid \`char\` bit pattern: ${unsigned}`);
  }
  return String.fromCodePoint(unsigned);
}

const bits = new DataView(new ArrayBuffer(8));

export function f32FromBits(value: number): number {
  bits.setInt32(0, value);
  return bits.getFloat32(0);
}

export function f32ToBits(value: number): number {
  bits.setFloat32(0, value);
  return bits.getInt32(0);
}

export function f64FromBits(value: bigint): number {
  bits.setBigInt64(0, value);
  return bits.getFloat64(0);
}

export function f64ToBits(value: number): bigint {
  bits.setFloat64(0, value);
  return bits.getBigInt64(0);
}

export function badDiscriminant(found: number, cases: number): never {
  return trap(
    'invalid-discriminant',
    `invalid variant discriminant: discriminant ${found} out of range [0..${cases})`,
  );
}

/** The typed array that stands for a list of these, and the view of memory that it is copied from. */
export const typedLists: Partial<
  Record<
    ValueType['kind'],
    { readonly array: TypedArrayConstructor; readonly view: TypedView; readonly shift: number }
  >
> = {
  u8: { array: Uint8Array, view: 'u8', shift: 0 },
  s8: { array: Int8Array, view: 'i8', shift: 0 },
  u16: { array: Uint16Array, view: 'u16', shift: 1 },
  s16: { array: Int16Array, view: 'i16', shift: 1 },
  u32: { array: Uint32Array, view: 'u32', shift: 2 },
  s32: { array: Int32Array, view: 'i32', shift: 2 },
  u64: { array: BigUint64Array, view: 'u64', shift: 3 },
  s64: { array: BigInt64Array, view: 'i64', shift: 3 },
  f32: { array: Float32Array, view: 'f32', shift: 2 },
  f64: { array: Float64Array, view: 'f64', shift: 3 },
};

export type TypedView = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64' | 'f32' | 'f64';

export type TypedArrayConstructor =
  | Uint8ArrayConstructor
  | Int8ArrayConstructor
  | Uint16ArrayConstructor
  | Int16ArrayConstructor
  | Uint32ArrayConstructor
  | Int32ArrayConstructor
  | BigUint64ArrayConstructor
  | BigInt64ArrayConstructor
  | Float32ArrayConstructor
  | Float64ArrayConstructor;
