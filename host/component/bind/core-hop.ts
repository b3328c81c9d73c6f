/**
 * A tiny core module between a core function and the JavaScript that lifts its result, so that the
 * lifting still happens on the stack of the call:
 * `(func (param … externref) (result externref) (call $lift (local.get $context) (call $core …)))`.
 * The context is whatever the caller passes; it tells calls of the same function apart. `WebAssembly.promising`
 * goes around it. Without it another call could enter the guest between its
 * return and our look at the result, and overwrite it.
 */
import type { FlatType } from '../abi/layout.ts';
import { codeOf, coreModule, section, typeCodes } from './core-bytes.ts';
import type { CoreFunction } from './interpret-call.ts';

const externref = 0x6f;

const hops = new Map<string, WebAssembly.Module>();

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
    ...[0x60, results.length + 1, externref, ...resultCodes, 1, externref],
    ...[0x60, params.length + 1, ...paramCodes, externref, 1, externref],
  ];
  const imports = [2, 1, 0x6d, 1, 0x63, 0, 0, 1, 0x6d, 1, 0x6c, 0, 1];
  const args = params.flatMap((_, i) => [0x20, i]);
  const body = [0x20, params.length, ...args, 0x10, 0, 0x10, 1];
  module = coreModule([
    section(1, types),
    section(2, imports),
    section(3, [1, 2]),
    section(7, [1, 1, 0x74, 0, 2]),
    codeOf(body),
  ]);
  hops.set(key, module);
  return module;
}

/** `core`, then `lift` on the context and its result, on one stack; called with the core arguments and the context. */
export function coreHop(
  params: readonly FlatType[],
  results: readonly FlatType[],
  core: CoreFunction,
  lift: CoreFunction,
): WebAssembly.ExportedFunction {
  const instance = new WebAssembly.Instance(hopModule(params, results), { m: { c: core, l: lift } });
  return instance.exports.t as WebAssembly.ExportedFunction;
}
