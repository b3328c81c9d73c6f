/**
 * Calling an exported function with the bits of its arguments and getting the bits of its results. JavaScript
 * has no v128 and may change the bits of a not-a-number; so a small module stands in between, one for
 * each signature, that takes and gives integers: an f32 as i32, an f64 as i64, a v128 as two i64.
 */
import { Writer } from '../../../host/sandbox/preemption/writer.ts';
import { encodings, type Signature, type SimpleType } from './signatures.ts';

/** How each type crosses: as which types, and by which instructions it is made of them. */
const crossings: Record<SimpleType, { as: SimpleType[]; make: (locals: number[]) => number[] }> = {
  i32: { as: ['i32'], make: ([a]) => [0x20, a!] },
  i64: { as: ['i64'], make: ([a]) => [0x20, a!] },
  f32: { as: ['i32'], make: ([a]) => [0x20, a!, 0xbe] },
  f64: { as: ['i64'], make: ([a]) => [0x20, a!, 0xbf] },
  // i64x2.splat; i64x2.replace_lane 1
  v128: { as: ['i64', 'i64'], make: ([a, b]) => [0x20, a!, 0xfd, 0x12, 0x20, b!, 0xfd, 0x1e, 1] },
  funcref: { as: ['funcref'], make: ([a]) => [0x20, a!] },
  externref: { as: ['externref'], make: ([a]) => [0x20, a!] },
};

/** The instructions that take a local apart. */
function takeApart(type: SimpleType, local: number): number[] {
  const get = [0x20, ...leb(local)];
  if (type === 'f32') return [...get, 0xbc];
  if (type === 'f64') return [...get, 0xbd];
  if (type === 'v128') return [...get, 0xfd, 0x1d, 0, ...get, 0xfd, 0x1d, 1];
  return get;
}

const leb = (value: number) => [...new Writer(5).u32(value).written()];

const adapters = new Map<string, WebAssembly.Module>();

/** `callee` with integers in place of other numbers, on both sides. */
export function withBits(callee: unknown, signature: Signature): (...args: unknown[]) => unknown {
  const key = JSON.stringify(signature);
  let adapter = adapters.get(key);
  if (adapter === undefined) {
    adapter = new WebAssembly.Module(adapterFor(signature));
    adapters.set(key, adapter);
  }
  const instance = new WebAssembly.Instance(adapter, {
    callee: { f: callee as WebAssembly.ExportedFunction },
  });
  return instance.exports.f as WebAssembly.ExportedFunction;
}

function adapterFor({ parameters, results }: Signature): Uint8Array<ArrayBuffer> {
  const crossing = (types: readonly SimpleType[]) => types.flatMap((type) => crossings[type].as);
  const encode = (types: readonly SimpleType[]) => [
    ...leb(types.length),
    ...types.map((type) => encodings.get(type)!),
  ];
  let next = 0;
  const args = parameters.flatMap((type) => crossings[type].make(crossings[type].as.map(() => next++)));
  const code = [...args, 0x10, 0];
  for (let index = results.length - 1; index >= 0; index--) code.push(0x21, ...leb(next + index));
  for (const [index, type] of results.entries()) code.push(...takeApart(type, next + index));
  const locals = [...leb(results.length), ...results.flatMap((type) => [1, encodings.get(type)!])];
  const body = [...locals, ...code, 0x0b];
  const writer = new Writer(256);
  const section = (id: number, contents: number[]) => writer.byte(id).u32(contents.length).raw(contents);
  writer.raw([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  section(1, [
    2,
    ...[0x60, ...encode(parameters), ...encode(results)],
    ...[0x60, ...encode(crossing(parameters)), ...encode(crossing(results))],
  ]);
  section(2, [1, 6, ...Buffer.from('callee'), 1, ...Buffer.from('f'), 0, 0]);
  section(3, [1, 1]);
  section(7, [1, 1, ...Buffer.from('f'), 0, 1]);
  section(10, [1, ...leb(body.length), ...body]);
  return new Uint8Array(writer.written());
}
