/**
 * What this folder offers: a component binary in, callable exports out. `compile.ts` does it; this
 * file says in types what comes out, whichever backend does the work.
 *
 * Values have the standard JavaScript mapping of the component model (the one that jco documents):
 * camelCase names, bigint for 64-bit integers, `{ tag, val }` variants, `undefined` for an absent
 * option, enums as strings, flags as objects of booleans, `list<u8>` as `Uint8Array` (and numeric
 * lists as the typed array of their width), `map` as `Map`, tuples and lists of a fixed length as arrays, resources as class instances with
 * `Symbol.dispose`. A function of type `result<T, E>` returns T or throws `ComponentError` with the E
 * in `payload`; a host import of such a type does the same. `async func` returns a promise.
 */
import type { ComponentType } from './types.ts';

export interface CompileOptions {
  /**
   * Called with each core module's bytes before V8 compiles it; what it returns is compiled in its
   * place. The sandbox caps memories and makes code stoppable here.
   */
  readonly rewriteCoreModule?: (bytes: Uint8Array) => RewrittenModule;
}

/** A core module as it is to be compiled. */
export interface RewrittenModule {
  readonly bytes: Uint8Array;
  /** What it imports beside what the original does, asked for at each instantiation. */
  readonly imports?: () => WebAssembly.Imports;
}

/**
 * Told whenever guest code begins and ends to run on the current stack: `realloc`, post-return, start
 * functions, destructors and resumed stacks too. Pairs may be nested. Must not throw.
 */
export interface Guard {
  /** Returns what `leave` is to be given. */
  enter(): number;
  leave(entered: number): void;
  /** Whether the guest code that ran last, or that runs now, was stopped because its time was up. */
  stopped(): boolean;
}

/** Anything callable or constructible that an interface holds, by camelCase (functions) or PascalCase (classes) name. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is the component's own; contracts give it a type.
export type InterfaceExports = Record<string, any>;

/**
 * Imports and exports by their names in the component: interfaces by full name
 * (`weir:extension/log@0.1.0`), functions that stand in the world itself by camelCase name.
 */
export type Imports = Readonly<Record<string, unknown>>;
export type Exports = Readonly<Record<string, InterfaceExports>>;

/** What one instance may make the host do. What is left out is bounded by the canonical ABI alone. */
export interface InstanceLimits {
  /** Most bytes of one string or list that crosses, in either direction, as it lies in linear memory. */
  readonly transferBytes?: number;
  /**
   * Most bytes of host memory, estimated, that the arguments of one call of an import, or the result of
   * one call of an export, may take once they are JavaScript values.
   */
  readonly liftBytes?: number;
  /** Most handles (resources, and what asynchronous calls wait for) that are live at one time. */
  readonly handles?: number;
}

export interface InstantiateOptions {
  readonly guard?: Guard;
  readonly limits?: InstanceLimits;
  /** Told once, when the instance is poisoned, with the error that did it. */
  readonly onPoison?: (cause: unknown) => void;
}

/** A compiled component: immutable, shared by all its instances. */
export interface Component {
  /** SHA-256 of the binary, lower-case hex. */
  readonly digest: string;
  /** Size of the binary, bytes. */
  readonly byteLength: number;
  /** Its imports and exports, resolved. */
  readonly type: ComponentType;
  /**
   * Make a live instance. Synchronous.
   * @throws LinkError when an import is missing or not of the wanted shape
   * @throws TrapError when a start function traps
   */
  instantiate(imports: Imports, options?: InstantiateOptions): Instance;
}

/** One live component instance, with its own linear memory. */
export interface Instance {
  readonly exports: Exports;
  /** Set once the instance is poisoned: why. A poisoned instance is never entered again. */
  readonly poisonedBy: unknown;
  /** Never enter it again, for a reason of the caller's own. The first reason stays. */
  poison(cause: unknown): void;
  /** Bytes of linear memory that it holds now, over all its memories. */
  memoryBytes(): number;
  /**
   * Whether one of its memories cannot grow by as much as a page. Finds out by trying: for instances that
   * are never entered again.
   */
  memoryIsFull(): boolean;
}
