/**
 * The instances that a script makes, under their names, either as they are or instrumented: what a
 * directive does, without a word on what it should do.
 */
import { addedImports, enter, instrument, leave } from '../../../host/sandbox/preemption/index.ts';
import { withBits } from './bits.ts';
import { exportedSignatures, type Signature } from './signatures.ts';

/** What became of a directive. `what` says it so that two worlds can be compared. */
export interface Outcome {
  readonly kind:
    | 'values'
    | 'made'
    | 'trap'
    | 'exhaustion'
    | 'exception'
    | 'unlinkable'
    | 'invalid'
    | 'missing';
  readonly what: string;
  readonly pieces: readonly unknown[];
}

interface Made {
  readonly exports: WebAssembly.Exports;
  readonly signatures: ReadonlyMap<string, Signature>;
}

/** No assertion of a suite runs so long. */
const DEADLINE = 60_000;

export class World {
  readonly #metered: boolean;
  readonly #named = new Map<string, Made>();
  readonly #registered: WebAssembly.Imports = { spectest: spectest() };
  #last: Made | undefined;

  constructor(metered: boolean) {
    this.#metered = metered;
  }

  /** Whether the module could be compiled, without instantiating it. */
  compile(module: Uint8Array): Outcome {
    return outcome(() => {
      this.#compiled(module);
      return { kind: 'made', pieces: [] };
    });
  }

  instantiate(name: string | undefined, module: Uint8Array): Outcome {
    this.#last = undefined;
    return outcome(() => {
      const { compiled, added } = this.#compiled(module);
      const instance = new WebAssembly.Instance(compiled, { ...this.#registered, ...added });
      const made = { exports: instance.exports, signatures: exportedSignatures(module) };
      this.#last = made;
      if (name !== undefined) this.#named.set(name, made);
      return { kind: 'made', pieces: [] };
    });
  }

  register(as: string, name: string | undefined): void {
    const made = this.#find(name);
    if (made !== undefined) this.#registered[as] = made.exports as WebAssembly.Imports[string];
  }

  invoke(name: string | undefined, exported: string, args: readonly unknown[]): Outcome {
    const made = this.#find(name);
    const callee = made?.exports[exported];
    if (made === undefined || callee === undefined) return missing;
    const signature = made.signatures.get(exported);
    const call =
      signature === undefined ? (callee as WebAssembly.ExportedFunction) : withBits(callee, signature);
    return outcome(() => {
      const result: unknown = call(...args);
      const pieces = result === undefined ? [] : Array.isArray(result) ? result : [result];
      return { kind: 'values', pieces };
    });
  }

  /** The value of an exported global; floating-point ones as their bits, as far as JavaScript shows them. */
  get(name: string | undefined, exported: string): Outcome {
    const global = this.#find(name)?.exports[exported];
    if (!(global instanceof WebAssembly.Global)) return missing;
    return { kind: 'values', pieces: [global.value], what: show([global.value]) };
  }

  #find(name: string | undefined): Made | undefined {
    return name === undefined ? this.#last : this.#named.get(name);
  }

  #compiled(module: Uint8Array): { compiled: WebAssembly.Module; added: WebAssembly.Imports } {
    if (!this.#metered) return { compiled: new WebAssembly.Module(new Uint8Array(module)), added: {} };
    const { bytes, added } = instrument(module, { features: { gc: true, exnref: true } });
    const compiled = new WebAssembly.Module(new Uint8Array(bytes));
    return { compiled, added: added === undefined ? {} : addedImports(added) };
  }
}

const missing: Outcome = { kind: 'missing', what: 'nothing of that name', pieces: [] };

function outcome(act: () => Pick<Outcome, 'kind' | 'pieces'>): Outcome {
  const entered = enter(DEADLINE);
  try {
    const { kind, pieces } = act();
    return { kind, pieces, what: `${kind} ${show(pieces)}` };
  } catch (error) {
    const kind = kindOf(error);
    // Offsets in messages are those of the bytes that were compiled.
    const message = kind === 'invalid' ? '' : String(error).replace(/ @\+\d+$/, '');
    return { kind, what: `${kind} ${message}`, pieces: [] };
  } finally {
    leave(entered);
  }
}

function kindOf(error: unknown): Outcome['kind'] {
  if (error instanceof WebAssembly.RuntimeError) return 'trap';
  if (error instanceof WebAssembly.LinkError) return 'unlinkable';
  if (error instanceof WebAssembly.Exception) return 'exception';
  if (error instanceof RangeError) return /call stack/.test(error.message) ? 'exhaustion' : 'trap';
  // An import object that lacks a module is a type error of the JavaScript interface.
  if (error instanceof TypeError) return 'unlinkable';
  return 'invalid';
}

function show(pieces: readonly unknown[]): string {
  return pieces
    .map((piece) =>
      typeof piece === 'object' && piece !== null
        ? 'a reference'
        : typeof piece === 'function'
          ? 'a function'
          : `${typeof piece} ${Object.is(piece, -0) ? '-0' : String(piece)}`,
    )
    .join(', ');
}

/** The module that scripts import from. */
function spectest(): WebAssembly.Imports[string] {
  const global = (value: 'i32' | 'i64' | 'f32' | 'f64', initial: number | bigint) =>
    new WebAssembly.Global({ value, mutable: false }, initial);
  const nothing = () => {};
  const wideTable = { address: 'i64', initial: 10n, maximum: 20n, element: 'anyfunc' };
  return {
    global_i32: global('i32', 666),
    global_i64: global('i64', 666n),
    global_f32: global('f32', 666.6),
    global_f64: global('f64', 666.6),
    table: new WebAssembly.Table({ initial: 10, maximum: 20, element: 'anyfunc' }),
    table64: new WebAssembly.Table(wideTable as unknown as WebAssembly.TableDescriptor),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }),
    print: nothing,
    print_i32: nothing,
    print_i64: nothing,
    print_f32: nothing,
    print_f64: nothing,
    print_i32_f32: nothing,
    print_f64_f64: nothing,
  };
}
