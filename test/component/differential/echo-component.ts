/**
 * A component that echoes: for every drawn function it has four, all in plain core code.
 *
 * - `echo-x` lays the parameters out in memory, as its own reading of the canonical ABI says, and returns them;
 * - `via-x` hands the parameters to the host's `via-x` and returns what that returns;
 * - `put-x` keeps the parameters in memory and `get-x` returns them. With `dump` and `restore`, which read and
 *   write the whole memory, what one runtime lowered is lifted by another: mistakes that cancel out show.
 *
 * Memory: parameters as a tuple at `area`, then the heap of `cabi_realloc`. Post-return frees the heap, and traps
 * when it is not given what the function returned; the next call traps when post-return was left out.
 */
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import {
  alignOf,
  type CoreType,
  choices,
  discriminantBytes,
  flagBytes,
  flatten,
  offsetsOf,
  payloadOffsetOf,
  sizeOf,
} from './abi.ts';
import {
  type FunctionShape,
  holdsHandle,
  isBorrow,
  resultShape,
  type Shape,
  WitWriter,
  word,
} from './shape.ts';

export const hostInterface = 'test:echo/host';
export const guestInterface = 'test:echo/guest';
export const imageInterface = 'test:echo/image';

export type StringEncoding = 'utf8' | 'utf16' | 'compact-utf16';

const area = 64;
const maxFlatParams = 16;

/** The functions in text that WIT and the core module use for the one with this index. */
export function functionNames(index: number): Record<'echo' | 'via' | 'put' | 'get', string> {
  const letters = word(index);
  return { echo: `echo-${letters}`, via: `via-${letters}`, put: `put-${letters}`, get: `get-${letters}` };
}

/** Can the host be asked to echo it? It does not know the guest's resource. */
export function hasVia({ params }: FunctionShape): boolean {
  return !params.some((param) => mentions(param, 'guest'));
}

/** Can its values be read from an image of the memory? Handles stand for what is not in it. */
export function hasImage({ params }: FunctionShape): boolean {
  return !params.some(holdsHandle);
}

function mentions(shape: Shape, side: string): boolean {
  return JSON.stringify(shape).includes(`-${side}"`);
}

export async function echoComponent(
  functions: readonly FunctionShape[],
  encoding: StringEncoding,
): Promise<Uint8Array> {
  const binary = await parse(coreModule(functions));
  const witSource = witPackage(functions);
  return componentNew(
    await componentEmbed({ binary, witSource, world: 'echo', stringEncoding: encoding } as never),
  );
}

export function witPackage(functions: readonly FunctionShape[]): string {
  const host = new WitWriter();
  const guest = new WitWriter();
  const hostFunctions: string[] = [];
  const guestFunctions: string[] = [];
  for (const [i, one] of functions.entries()) {
    const names = functionNames(i);
    const type = guest.function(one);
    guestFunctions.push(`${names.echo}: ${type};`);
    if (hasVia(one)) {
      hostFunctions.push(`${names.via}: ${host.function(one)};`);
      guestFunctions.push(`${names.via}: ${type};`);
    }
    if (hasImage(one)) {
      const [params, result] = type.split(' -> ');
      guestFunctions.push(`${names.put}: ${params};`);
      guestFunctions.push(`${names.get}: func()${result ? ` -> ${result}` : ''};`);
    }
  }
  return `package test:echo;
interface host {
  resource host-thing { id: func() -> u32; }
  ${[...host.declarations, ...hostFunctions].join('\n  ')}
}
interface guest {
  use host.{host-thing};
  resource guest-thing { constructor(id: u32); id: func() -> u32; }
  ${[...guest.declarations, ...guestFunctions].join('\n  ')}
}
interface image { dump: func() -> list<u8>; restore: func(bytes: list<u8>); }
world echo { import host; export guest; export image; }`;
}

/** How one function travels. */
interface Passage {
  readonly flat: readonly CoreType[];
  readonly params: readonly CoreType[];
  readonly spilled: boolean;
  /** The core result; undefined when there is none. */
  readonly result: CoreType | undefined;
  readonly inMemory: boolean;
  readonly size: number;
}

function passageOf(one: FunctionShape): Passage {
  const flat = one.params.flatMap(flatten);
  const spilled = flat.length > maxFlatParams;
  const result = resultShape(one);
  const flatResult = result ? flatten(result) : [];
  const inMemory = flatResult.length > 1;
  return {
    flat,
    params: spilled ? ['i32'] : flat,
    spilled,
    result: inMemory ? 'i32' : flatResult[0],
    inMemory,
    size: sizeOf({ kind: 'tuple', parts: one.params }),
  };
}

export function coreModule(functions: readonly FunctionShape[]): string {
  const passages = functions.map(passageOf);
  const largest = Math.max(16, ...passages.map(({ size }) => size));
  const heap = Math.ceil((area + largest) / 16) * 16;
  const imports: string[] = [];
  const bodies: string[] = [];
  for (const [i, one] of functions.entries()) {
    const passage = passages[i]!;
    const names = functionNames(i);
    bodies.push(
      exported(names.echo, passage, `${owe} ${echoBody(one, passage)}`),
      freeing(names.echo, passage),
    );
    if (hasVia(one)) {
      const params = passage.inMemory ? [...passage.params, 'i32'] : passage.params;
      const results = passage.inMemory ? '' : resultText(passage);
      imports.push(
        `(import "${hostInterface}" "${names.via}" (func $${names.via} ${paramText(params)}${results}))`,
      );
      bodies.push(
        exported(names.via, passage, `${owe} ${viaBody(names.via, one, passage)}`),
        freeing(names.via, passage),
      );
    }
    if (hasImage(one)) {
      bodies.push(exported(names.put, { ...passage, result: undefined }, keep(one, passage)));
      bodies.push(exported(names.get, { ...passage, params: [] }, recall(passage)));
    }
  }
  return `(module
  (import "${hostInterface}" "[method]host-thing.id" (func $host-id (param i32) (result i32)))
  (import "${hostInterface}" "[resource-drop]host-thing" (func $host-drop (param i32)))
  (import "[export]${guestInterface}" "[resource-new]guest-thing" (func $guest-new (param i32) (result i32)))
  ${imports.join('\n  ')}
  (memory (export "memory") 1)
  (global $base i32 (i32.const ${heap}))
  (global $heap (mut i32) (i32.const ${heap}))
  (global $owed (mut i32) (i32.const 0))
  ${realloc}
  (func (export "${guestInterface}#[constructor]guest-thing") (param i32) (result i32)
    (call $guest-new (local.get 0)))
  (func (export "${guestInterface}#[method]guest-thing.id") (param i32) (result i32) (local.get 0))
  (func (export "${imageInterface}#dump") (result i32)
    (i32.store (i32.const 8) (i32.const 0))
    (i32.store (i32.const 12) (global.get $heap))
    (i32.const 8))
  (func (export "${imageInterface}#restore") (param i32 i32)
    (memory.copy (i32.const 0) (local.get 0) (local.get 1))
    (global.set $heap (global.get $base)))
  ${bodies.join('\n  ')}
)`;
}

const realloc = `(func (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32)
      (result i32) (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $heap (i32.add (local.get $at) (local.get $new)))
    (block $fits (loop $more
      (br_if $fits (i32.le_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536))))
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
      unreachable))
    (memory.copy (local.get $at) (local.get $old)
      (select (local.get $size) (local.get $new) (i32.lt_u (local.get $size) (local.get $new))))
    (local.get $at))`;

/** From here on a call of post-return is due. */
const owe = '(if (global.get $owed) (then unreachable)) (global.set $owed (i32.const 1))';

function paramText(types: readonly string[]): string {
  return types.length > 0 ? `(param ${types.join(' ')})` : '';
}

function resultText({ result }: Passage): string {
  return result ? ` (result ${result})` : '';
}

function exported(name: string, passage: Passage, body: string): string {
  const signature = `${paramText(passage.params)}${resultText(passage)}`;
  return `(func (export "${guestInterface}#${name}") ${signature} ${body})`;
}

function freeing(name: string, passage: Passage): string {
  const check = passage.inMemory ? `(if (i32.ne (local.get 0) (i32.const ${area})) (then unreachable))` : '';
  const params = passage.result ? `(param ${passage.result})` : '';
  return `(func (export "cabi_post_${guestInterface}#${name}") ${params} ${check}
    (if (i32.eqz (global.get $owed)) (then unreachable))
    (global.set $owed (i32.const 0))
    (global.set $heap (global.get $base)))`;
}

/** A core value being read. */
interface Source {
  readonly text: string;
  readonly type: CoreType;
}

function locals(types: readonly CoreType[]): Source[] {
  return types.map((type, i) => ({ text: `(local.get ${i})`, type }));
}

function echoBody(one: FunctionShape, passage: Passage): string {
  if (passage.inMemory) return `${keep(one, passage)} (i32.const ${area})`;
  if (!passage.result) return '';
  const [only] = one.params;
  if (!only || !isBorrow(only)) return '(local.get 0)';
  return only.kind === 'borrow-guest'
    ? '(local.get 0)'
    : '(call $host-id (local.get 0)) (call $host-drop (local.get 0))';
}

/** Code that lays all parameters out at `area`, with what is borrowed replaced by its id. */
function keep(one: FunctionShape, passage: Passage): string {
  if (!passage.inMemory) {
    const [only] = locals(passage.flat);
    return only ? `(${only.type}.store (i32.const ${area}) ${only.text})` : '';
  }
  const { offsets } = offsetsOf(one.params);
  if (passage.spilled) {
    const fixes = one.params.map((param, i) => {
      if (param.kind !== 'borrow-host') return '';
      const at = `(i32.const ${area + offsets[i]!})`;
      return `(i32.store ${at} (call $host-id (i32.load ${at})))
        (call $host-drop (i32.load offset=${offsets[i]} (local.get 0)))`;
    });
    return `(memory.copy (i32.const ${area}) (local.get 0) (i32.const ${passage.size})) ${fixes.join(' ')}`;
  }
  const sources = locals(passage.flat);
  return one.params.map((param, i) => store(param, area + offsets[i]!, sources)).join('\n    ');
}

function recall(passage: Passage): string {
  if (passage.inMemory) return `(i32.const ${area})`;
  return passage.result ? `(${passage.result}.load (i32.const ${area}))` : '';
}

function viaBody(name: string, one: FunctionShape, passage: Passage): string {
  const given = locals(passage.params).map(({ text }) => text);
  const call = `(call $${name} ${[...given, ...(passage.inMemory ? [`(i32.const ${area})`] : [])].join(' ')})`;
  const { offsets } = offsetsOf(one.params);
  let index = 0;
  const drops = one.params.map((param, i) => {
    const handle = passage.spilled ? `(i32.load offset=${offsets[i]} (local.get 0))` : `(local.get ${index})`;
    index += flatten(param).length;
    return param.kind === 'borrow-host' ? `(call $host-drop ${handle})` : '';
  });
  return `${call} ${drops.join(' ')} ${passage.inMemory ? `(i32.const ${area})` : ''}`;
}

/** Code that stores the flat value at the front of `sources`, which it consumes, at an address. */
function store(shape: Shape, address: number, sources: Source[]): string {
  const put = (op: string, value: Source) => `(${op} (i32.const ${address}) ${value.text})`;
  const cases = choices(shape);
  if (cases) return storeChoice(cases, address, sources);
  switch (shape.kind) {
    case 'tuple':
    case 'record': {
      const { offsets } = offsetsOf(shape.parts);
      return shape.parts.map((part, i) => store(part, address + offsets[i]!, sources)).join(' ');
    }
    case 'array': {
      const size = sizeOf(shape.element);
      return Array.from({ length: shape.length }, (_, i) =>
        store(shape.element, address + i * size, sources),
      ).join(' ');
    }
    case 'string':
    case 'map':
    case 'list': {
      const [pointer, length] = sources.splice(0, 2);
      return `${put('i32.store', pointer!)} (i32.store (i32.const ${address + 4}) ${length!.text})`;
    }
    case 'flags':
      return put(storeOf(flagBytes(shape.count)), sources.shift()!);
    case 'borrow-host': {
      const handle = sources.shift()!;
      return `${put('i32.store', { text: `(call $host-id ${handle.text})`, type: 'i32' })} (call $host-drop ${handle.text})`;
    }
    default: {
      const source = sources.shift()!;
      return put(source.type === 'i32' ? storeOf(alignOf(shape)) : `${source.type}.store`, source);
    }
  }
}

function storeOf(bytes: number): string {
  return bytes === 4 ? 'i32.store' : `i32.store${bytes * 8}`;
}

function storeChoice(cases: readonly (Shape | null)[], address: number, sources: Source[]): string {
  const discriminant = sources.shift()!;
  const width = Math.max(0, ...cases.map((one) => (one ? flatten(one).length : 0)));
  const joined = sources.splice(0, width);
  const payload = address + payloadOffsetOf(cases);
  const branches = cases.map((one, i) => {
    if (!one) return '';
    const wanted = flatten(one);
    const own = wanted.map((type, at) => converted(joined[at]!, type));
    return `(if (i32.eq ${discriminant.text} (i32.const ${i})) (then ${store(one, payload, own)}))`;
  });
  const tag = `(${storeOf(discriminantBytes(cases.length))} (i32.const ${address}) ${discriminant.text})`;
  return [tag, ...branches].join(' ');
}

/** A joined core value as the type that one case wants. */
function converted({ text, type }: Source, wanted: CoreType): Source {
  if (type === wanted) return { text, type };
  if (type === 'i32') return { text: `(f32.reinterpret_i32 ${text})`, type: wanted };
  if (wanted === 'f64') return { text: `(f64.reinterpret_i64 ${text})`, type: wanted };
  const low = `(i32.wrap_i64 ${text})`;
  return { text: wanted === 'i32' ? low : `(f32.reinterpret_i32 ${low})`, type: wanted };
}
