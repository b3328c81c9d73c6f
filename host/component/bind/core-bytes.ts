/** Writing the bytes of small core modules. */
import type { FlatType } from '../abi/layout.ts';

export const typeCodes: Record<FlatType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

/** Unsigned LEB128. */
export function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

export function section(id: number, bytes: readonly number[]): number[] {
  return [id, ...leb(bytes.length), ...bytes];
}

/** A code section with one function that has no locals but its parameters. */
export function codeOf(body: readonly number[]): number[] {
  const whole = [0, ...body, 0x0b];
  return section(10, [1, ...leb(whole.length), ...whole]);
}

export function coreModule(sections: readonly (readonly number[])[]): WebAssembly.Module {
  const preamble = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  return new WebAssembly.Module(Uint8Array.from([...preamble, ...sections.flat()]));
}
