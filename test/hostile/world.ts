/**
 * Worlds for hostile guests: a component made once by the real toolchain around a well-behaved core
 * module, whose place a hostile one takes. So no tool checks the hostile module before the host does.
 */
import { makeComponent } from '../component/make-component.ts';
import { witPackage } from '../extension/probe.ts';

/** What a guest exports beside `weir:processor/processor`. */
export type GuestExport =
  | 'configured'
  | 'lifecycle'
  | 'rate-limiter'
  /** Its own resources `thing` and `other`, which nobody but itself uses. */
  | 'things'
  /** What runs after each `process`, when its result was read. */
  | 'post-return';

export interface World {
  readonly exports?: readonly GuestExport[];
  /** Host services by their short names. */
  readonly imports?: readonly ('log' | 'clock' | 'timers')[];
  readonly encoding?: 'utf8' | 'utf16' | 'compact-utf16';
}

/** The names under which a core module exports and imports what its world asks for. */
export const names = {
  process: 'weir:processor/processor@0.1.0#process',
  postReturn: 'cabi_post_weir:processor/processor@0.1.0#process',
  configure: 'weir:extension/configured@0.1.0#configure',
  start: 'weir:extension/lifecycle@0.1.0#start',
  onTimer: 'weir:extension/lifecycle@0.1.0#on-timer',
  stop: 'weir:extension/lifecycle@0.1.0#stop',
  tryAcquire: 'weir:capability/rate-limiter@0.1.0#try-acquire',
  log: 'weir:extension/log@0.1.0',
  clock: 'weir:extension/clock@0.1.0',
  timers: 'weir:extension/timers@0.1.0',
  things: '[export]test:hostile/things@1.0.0',
} as const;

/** Core imports of each host service, and of resources that the guest itself defines. */
const coreImports: Readonly<Record<string, string>> = {
  log: `(import "${names.log}" "write" (func $log (param i32 i32 i32 i32 i32)))`,
  clock: `(import "${names.clock}" "now-ms" (func $now (result i64)))
    (import "${names.clock}" "monotonic-ns" (func $monotonic (result i64)))`,
  timers: `(import "${names.timers}" "after" (func $after (param i32) (result i32)))
    (import "${names.timers}" "every" (func $every (param i32) (result i32)))
    (import "${names.timers}" "cancel" (func $cancel (param i32)))`,
  things: ['thing', 'other']
    .map(
      (
        name,
      ) => `(import "${names.things}" "[resource-new]${name}" (func $new-${name} (param i32) (result i32)))
        (import "${names.things}" "[resource-rep]${name}" (func $rep-${name} (param i32) (result i32)))
        (import "${names.things}" "[resource-drop]${name}" (func $drop-${name} (param i32)))`,
    )
    .join('\n'),
};

/** Core exports that do nothing, for those that a guest does not care about. */
const idleExports: Readonly<Record<string, string>> = {
  processor: `(func (export "${names.process}") (param i32 i32 i32) (result i32) (i32.const 64))`,
  'post-return': `(func (export "${names.postReturn}") (param i32))`,
  configured: `(func (export "${names.configure}") (param i32 i32) (result i32) (i32.const 32))`,
  lifecycle: `(func (export "${names.start}") (result i32) (i32.const 32))
    (func (export "${names.onTimer}") (param i32))
    (func (export "${names.stop}") (param i32))`,
  'rate-limiter': `(func (export "${names.tryAcquire}") (param i32) (result i32) (i32.const 1))`,
};

const interfaces: Readonly<Record<string, string>> = {
  configured: 'weir:extension/configured@0.1.0',
  lifecycle: 'weir:extension/lifecycle@0.1.0',
  'rate-limiter': 'weir:capability/rate-limiter@0.1.0',
  things: 'things',
};

/** The text of all core imports of `world`. */
export function importsOf(world: World): string {
  return [...(world.imports ?? []), ...(world.exports?.includes('things') ? ['things'] : [])]
    .map((name) => coreImports[name]!)
    .join('\n');
}

/** The text of the exports of `world` but `process`, doing nothing, without those whose names stand in `own`. */
export function idleExportsOf(world: World, own: string): string {
  return (world.exports ?? [])
    .flatMap((name) => (idleExports[name] ?? '').split('\n'))
    .filter((text) => !own.includes(/\(export "([^"]*)"/.exec(text)?.[1] ?? '\n'))
    .join('\n');
}

const frames = new Map<string, Promise<Uint8Array>>();

/** A component of `world` around `core`, whatever that is. */
export async function componentOf(world: World, core: Uint8Array): Promise<Uint8Array> {
  const key = JSON.stringify([world.exports, world.imports, world.encoding]);
  let frame = frames.get(key);
  if (frame === undefined) {
    frame = makeFrame(world);
    frames.set(key, frame);
  }
  return withCoreModule(await frame, core);
}

/** The well-behaved component of `world`. */
export async function makeFrame(world: World): Promise<Uint8Array> {
  const { exports = [], imports = [], encoding = 'utf8' } = world;
  const exported = exports.flatMap((name) => interfaces[name] ?? []);
  const wit = `package test:hostile@1.0.0;
interface things { resource thing; resource other; }
world guest {
  ${imports.map((name) => `import weir:extension/${name}@0.1.0;`).join('\n  ')}
  export weir:processor/processor@0.1.0;
  ${exported.map((name) => `export ${name};`).join('\n  ')}
}
${(await Promise.all(['extension', 'processor', 'capability'].map(witPackage))).join('\n')}`;
  const core = `(module ${importsOf(world)}
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
    ${['processor', ...exports].map((name) => idleExports[name] ?? '').join('\n')})`;
  return makeComponent({ wit, world: 'guest', core, encoding });
}

const HEADER_BYTES = 8;
const CORE_MODULE_SECTION = 1;
export const COMPONENT_SECTION = 4;

/** `component` with its first core module replaced. */
function withCoreModule(component: Uint8Array, core: Uint8Array): Uint8Array {
  return withSections(component, CORE_MODULE_SECTION, [() => [core]]);
}

/** New content of a section for its old one. */
type Replacement = (content: Uint8Array) => readonly (Uint8Array | readonly number[])[];

/** A component or module with its first sections of kind `id` replaced, in order. */
export function withSections(binary: Uint8Array, id: number, replace: readonly Replacement[]): Uint8Array {
  const parts: Uint8Array[] = [binary.subarray(0, HEADER_BYTES)];
  const left = [...replace];
  for (let at = HEADER_BYTES; at < binary.length; ) {
    const start = at;
    const found = binary[at++]!;
    let size = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = binary[at++]!;
      size |= (byte & 0x7f) << shift;
      more = byte >= 0x80;
    }
    at += size;
    const own = found === id ? left.shift() : undefined;
    parts.push(
      own === undefined ? binary.subarray(start, at) : section(id, ...own(binary.subarray(at - size, at))),
    );
  }
  if (left.length > 0) throw new TypeError(`a binary with too few sections of kind ${id}`);
  return Buffer.concat(parts);
}

/** A section: its id, its size and its content. */
export function section(id: number, ...content: (Uint8Array | readonly number[])[]): Uint8Array {
  const body = Buffer.concat(
    content.map((part) => (part instanceof Uint8Array ? part : Uint8Array.from(part))),
  );
  return Buffer.concat([Uint8Array.from([id, ...leb(body.length)]), body]);
}

/** `value` as unsigned LEB128. */
export function leb(value: number): number[] {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...out, rest];
    out.push((rest % 128) + 128);
  }
}
