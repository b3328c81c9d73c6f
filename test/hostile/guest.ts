/**
 * What a hostile guest is: a component, where its misdeed begins, and what must come of it. Each file in
 * `guests/` is one. Most are a core module of which only the interesting part is written down there.
 */
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import type { FaultDetail } from '../../host/extension/fault.ts';
import type { Outcome } from './run-guest.ts';
import { componentOf, idleExportsOf, importsOf, names, type World } from './world.ts';

/** What must come of a guest. */
export type Expected =
  /** It is never run: `Engine.start` rejects with this code, of the configuration or of the extension. */
  | { readonly refused: string; readonly message?: RegExp }
  /** It is run, and faults before the engine has started: `WEIR_EXTENSION_START`. */
  | { readonly failsToStart: FaultDetail | 'link' }
  /** It faults, each time: a fresh instance does so again. */
  | { readonly fault: FaultDetail; readonly function?: string }
  /** It does no harm, and the batch is answered with this HTTP status. */
  | { readonly answers: number };

export interface HostileGuest {
  readonly expected: Expected;
  readonly component: () => Promise<Uint8Array>;
  /** Its entry under `extensions:`, beside `wasm` and `restart`. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** How the misdeed is brought about. A batch is sent through the guest unless given. */
  readonly entered?: 'batch' | 'try-acquire' | 'timer';
  /** Looks further, at what an operator would see. */
  readonly check?: (outcome: Outcome) => void;
}

/** A guest given by parts of its core module. */
export interface ProcessorSource extends Omit<HostileGuest, 'component'> {
  readonly world?: World;
  /** The body of `process`: takes `$signal`, `$at`, `$length`, answers where its result lies. `$unchanged` is one. */
  readonly process?: string;
  /** Further fields of the module, after its imports. */
  readonly fields?: string;
  /** In the place of a memory of one page. */
  readonly memory?: string;
  /** In the place of an allocator that gives out addresses from 4096 upwards, and never takes one back. */
  readonly realloc?: string;
}

/** The entry of a guest that does not end by itself: it need not be waited for long. */
export const DEADLINE = { limits: { call_deadline: '25ms', start_deadline: '25ms' } } as const;

export const MEMORY = '(memory (export "memory") 1)';

/** The head of an allocator that is hostile; its body follows. */
export const REALLOC =
  '(func (export "cabi_realloc") (param $old i32) (param $had i32) (param $align i32) (param $wanted i32) (result i32)';

const ALLOCATOR = `(global $heap (mut i32) (i32.const 4096))
  ${REALLOC}
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get $wanted)))
    (local.get $at))`;

/**
 * Where results lie: `configure` and `start` at 32 (all zeros: ok), `process` at 64. `$ok` writes an
 * outcome by its discriminant, `$err` a `process-error`.
 */
const RESULTS = `
  (func $ok (param $outcome i32) (param $at i32) (param $length i32) (result i32)
    (i32.store8 (i32.const 64) (i32.const 0))
    (i32.store8 (i32.const 68) (local.get $outcome))
    (i32.store (i32.const 72) (local.get $at))
    (i32.store (i32.const 76) (local.get $length))
    (i32.const 64))
  (func $unchanged (result i32) (call $ok (i32.const 1) (i32.const 0) (i32.const 0)))
  (func $err (param $at i32) (param $length i32) (result i32)
    (i32.store8 (i32.const 64) (i32.const 1))
    (i32.store8 (i32.const 68) (i32.const 1))
    (i32.store (i32.const 72) (local.get $at))
    (i32.store (i32.const 76) (local.get $length))
    (i32.const 64))`;

/** The whole text of the core module of a guest. */
export function coreText({
  world = {},
  process,
  fields = '',
  memory = MEMORY,
  realloc = ALLOCATOR,
}: Partial<ProcessorSource>): string {
  return `(module ${importsOf(world)}
    ${memory} ${realloc} ${RESULTS} ${fields}
    ${idleExportsOf(world, fields)}
    (func (export "${names.process}") (param $signal i32) (param $at i32) (param $length i32) (result i32)
      ${process ?? '(call $unchanged)'}))`;
}

/** A processor guest of which only the given parts are hostile. */
export function processor(source: ProcessorSource): HostileGuest {
  return { ...source, component: async () => componentOf(source.world ?? {}, await parse(coreText(source))) };
}

/** A processor guest whose core module is any bytes at all. */
export function processorOf(
  core: () => Uint8Array | Promise<Uint8Array>,
  rest: Omit<ProcessorSource, 'process' | 'fields' | 'memory' | 'realloc'>,
): HostileGuest {
  return { ...rest, component: async () => componentOf(rest.world ?? {}, await core()) };
}

/** A guest whose file is any bytes at all. */
export function file(
  component: () => Uint8Array | Promise<Uint8Array>,
  rest: Omit<HostileGuest, 'component'>,
): HostileGuest {
  return { ...rest, component: async () => component() };
}
