/**
 * A tiny core module between a core function and the JavaScript that lifts its result, so that the
 * lifting still happens on the stack of the call: `(func (params) (result externref) (call $lift (call $core …)))`.
 * `WebAssembly.promising` goes around it. Without it another call could enter the guest between its
 * return and our look at the result, and overwrite it.
 */
import type { FlatType } from '../abi/layout.ts';
import type { CoreFunction } from './interpret-call.ts';

const typeCodes: Record<FlatType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const externref = 0x6f;

const hops = new Map<string, WebAssembly.Module>();

function section(id: number, bytes: readonly number[]): number[] {
  return [id, ...leb(bytes.length), ...bytes];
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

/** At most 17 parameters and one result, so every count is one byte. */
function hopModule(params: readonly FlatType[], results: readonly FlatType[]): WebAssembly.Module {
  const key = `${params.join()}>${results.join()}`;
  let module = hops.get(key);
  if (module) return module;
  const paramCodes = params.map((type) => typeCodes[type]);
  const resultCodes = results.map((type) => typeCodes[type]);
  const types = [
    3,
    ...[0x60, params.length, ...paramCodes, results.length, ...resultCodes],
    ...[0x60, results.length, ...resultCodes, 1, externref],
    ...[0x60, params.length, ...paramCodes, 1, externref],
  ];
  const imports = [2, 1, 0x6d, 1, 0x63, 0, 0, 1, 0x6d, 1, 0x6c, 0, 1];
  const body = [0, ...params.flatMap((_, i) => [0x20, i]), 0x10, 0, 0x10, 1, 0x0b];
  const bytes = [
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, types),
    ...section(2, imports),
    ...section(3, [1, 2]),
    ...section(7, [1, 1, 0x74, 0, 2]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ];
  module = new WebAssembly.Module(Uint8Array.from(bytes));
  hops.set(key, module);
  return module;
}

/** `core`, then `lift` on its result, on one stack. */
export function coreHop(
  params: readonly FlatType[],
  results: readonly FlatType[],
  core: CoreFunction,
  lift: CoreFunction,
): WebAssembly.ExportedFunction {
  const instance = new WebAssembly.Instance(hopModule(params, results), { m: { c: core, l: lift } });
  return instance.exports.t as WebAssembly.ExportedFunction;
}
