/**
 * A core function that may suspend where that is possible, and that still works where it is not:
 * `(func (param …) (result …) (if (i32.load 0) (then (call $plain …)) (else (call $suspending …) (call $resumed))))`.
 */
import type { FlatType } from '../abi/layout.ts';
import type { Root } from '../run/instance.ts';
import { plainStackMemory } from '../run/plain-stack.ts';
import { requireStack } from '../run/stack-probe.ts';
import { codeOf, coreModule, section, typeCodes } from './core-bytes.ts';
import { blockedTrap } from './host-fault.ts';
import type { CoreFunction } from './interpret-call.ts';

const switches = new Map<string, WebAssembly.Module>();

function switchModule(params: readonly FlatType[], results: readonly FlatType[]): WebAssembly.Module {
  const key = `${params.join()}>${results.join()}`;
  let module = switches.get(key);
  if (module) return module;
  const [paramCodes, resultCodes] = [params, results].map((types) => types.map((type) => typeCodes[type]));
  const type = [0x60, params.length, ...paramCodes!, results.length, ...resultCodes!];
  const args = params.flatMap((_, i) => [0x20, i]);
  const block = results.length === 1 ? resultCodes![0]! : 0x40;
  const load = [0x41, 0, 0x28, 2, 0];
  const body = [...load, 0x04, block, ...args, 0x10, 0, 0x05, ...args, 0x10, 1, 0x10, 2, 0x0b];
  module = coreModule([
    section(1, [2, ...type, 0x60, 0, 0]),
    section(2, [
      4,
      ...[1, 0x6d, 1, 0x66, 0, 0],
      ...[1, 0x6d, 1, 0x73, 0, 0],
      ...[1, 0x6d, 1, 0x72, 0, 1],
      ...[1, 0x6d, 1, 0x6d, 2, 1, 1, 1],
    ]),
    section(3, [1, 0]),
    section(7, [1, 1, 0x74, 0, 3]),
    codeOf(body),
  ]);
  switches.set(key, module);
  return module;
}

/** `run` gives its result, or a promise of it. Where nothing can be suspended a promise is a trap. */
export function suspendable(
  params: readonly FlatType[],
  results: readonly FlatType[],
  run: CoreFunction,
  root: Root,
  name: string,
): CoreFunction {
  const plain: CoreFunction = (...args: unknown[]) => {
    requireStack();
    const result = run(...args);
    if (!(result instanceof Promise)) return result;
    result.catch(() => {});
    throw root.abort(blockedTrap(name), name);
  };
  const suspending: CoreFunction = (...args: unknown[]) => {
    requireStack();
    const result = run(...args);
    if (result instanceof Promise) root.paused();
    return result;
  };
  const instance = new WebAssembly.Instance(switchModule(params, results), {
    m: { f: plain, s: new WebAssembly.Suspending(suspending), r: () => root.resumed(), m: plainStackMemory },
  });
  return instance.exports.t as CoreFunction;
}
