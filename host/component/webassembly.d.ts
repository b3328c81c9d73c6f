/**
 * The JavaScript API of WebAssembly as Node 26 has it. TypeScript declares it only in its library
 * for browsers, whose other globals must not be in reach here; @types/node leaves it out.
 * Source: WebAssembly JavaScript Interface; JavaScript Promise Integration.
 */
declare namespace WebAssembly {
  type ImportExportKind = 'function' | 'global' | 'memory' | 'table' | 'tag';
  type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'externref' | 'anyfunc' | 'exnref';
  type ImportValue = ExportValue | number | bigint;
  type Imports = Record<string, Record<string, ImportValue>>;
  // biome-ignore lint/suspicious/noExplicitAny: core functions have a type of their own each.
  type ExportedFunction = (...args: any[]) => any;
  type ExportValue = ExportedFunction | Global | Memory | Table | Tag | Suspending;
  type Exports = Record<string, ExportValue>;

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}
  /** Thrown where a suspending import is called without `promising` below it on the stack. */
  class SuspendError extends Error {}

  class Module {
    constructor(bytes: Uint8Array | ArrayBuffer);
    static exports(module: Module): { name: string; kind: ImportExportKind }[];
    static imports(module: Module): { module: string; name: string; kind: ImportExportKind }[];
    static customSections(module: Module, name: string): ArrayBuffer[];
  }

  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }

  interface MemoryDescriptor {
    initial: number;
    maximum?: number;
    shared?: boolean;
  }

  class Memory {
    constructor(descriptor: MemoryDescriptor);
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  interface TableDescriptor {
    element: 'anyfunc' | 'externref';
    initial: number;
    maximum?: number;
  }

  class Table {
    constructor(descriptor: TableDescriptor, value?: unknown);
    readonly length: number;
    // biome-ignore lint/suspicious/noExplicitAny: functions or host references.
    get(index: number): any;
    set(index: number, value?: unknown): void;
    grow(delta: number, value?: unknown): number;
  }

  class Global<T = unknown> {
    constructor(descriptor: { value: ValueType; mutable?: boolean }, value?: T);
    value: T;
    valueOf(): T;
  }

  class Tag {
    constructor(type: { parameters: ValueType[] });
  }

  class Exception {
    constructor(tag: Tag, payload: unknown[], options?: { traceStack?: boolean });
    is(tag: Tag): boolean;
    getArg(tag: Tag, index: number): unknown;
  }

  /** An import that suspends its caller until the promise that it returns settles. */
  class Suspending {
    constructor(run: (...args: never[]) => unknown);
  }

  /** An export that returns a promise and may be suspended. */
  // biome-ignore lint/suspicious/noExplicitAny: core functions have a type of their own each.
  function promising(run: ExportedFunction): (...args: any[]) => Promise<any>;

  function compile(bytes: Uint8Array | ArrayBuffer): Promise<Module>;
  function validate(bytes: Uint8Array | ArrayBuffer): boolean;
}
