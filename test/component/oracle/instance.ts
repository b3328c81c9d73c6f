/**
 * One live instance over jco's glue, with the promises of `component.ts` that jco does not make by
 * itself: a top-level `err` is our `ComponentError`; anything else that is thrown is a `TrapError`
 * and poisons; a poisoned instance, and one whose code is on the stack, is not entered.
 */
import type {
  Exports,
  Imports,
  Instance,
  InstantiateOptions,
  InterfaceExports,
} from '../../../host/component/component.ts';
import { ComponentError, LinkError, PoisonedError, TrapError } from '../../../host/component/errors.ts';
import { camelCase, pascalCase } from '../../../host/component/names.ts';
import type { Glue } from './transpile.ts';

type AnyFunction = (...args: unknown[]) => unknown;

/** Instantiate once. @throws LinkError, TrapError */
export function instantiateGlue(
  glue: Glue,
  modules: ReadonlyMap<string, WebAssembly.Module>,
  imports: Imports,
  options: InstantiateOptions,
): Instance {
  const instance = new JcoInstance(options);
  const memories = instance.memories;
  let raw: Record<string, unknown>;
  try {
    raw = glue(
      (path) => modules.get(path)!,
      linkedImports(imports, instance),
      (module, coreImports) => {
        const core = new WebAssembly.Instance(module, coreImports);
        for (const value of Object.values(core.exports)) {
          if (value instanceof WebAssembly.Memory) memories.add(value);
        }
        return core;
      },
    );
  } catch (error) {
    if (error instanceof LinkError) throw error;
    if (error instanceof WebAssembly.LinkError) throw new LinkError('', error.message);
    throw new TrapError(`the component trapped while it started: ${messageOf(error)}`, { cause: error });
  }
  instance.exports = guardedExports(raw, instance);
  return instance;
}

class JcoInstance implements Instance {
  exports: Exports = {};
  poisonedBy: unknown;
  readonly memories = new Set<WebAssembly.Memory>();
  /** How many calls are on the stack. */
  depth = 0;
  readonly #onPoison: InstantiateOptions['onPoison'];

  constructor(options: InstantiateOptions) {
    this.#onPoison = options.onPoison;
  }

  poison(cause: unknown): void {
    if (this.poisonedBy !== undefined) return;
    this.poisonedBy = cause;
    this.#onPoison?.(cause);
  }

  memoryIsFull(): boolean {
    return false;
  }

  memoryBytes(): number {
    let total = 0;
    for (const memory of this.memories) total += memory.buffer.byteLength;
    return total;
  }
}

/** The imports as jco's glue asks for them: what stands in the world itself under `default`. */
function linkedImports(imports: Imports, instance: JcoInstance): Record<string, unknown> {
  return new Proxy(Object.create(null) as Record<string, unknown>, {
    get(_target, name) {
      const wanted = String(name);
      const value = imports[wanted] ?? imports[camelCase(wanted)];
      if (typeof value === 'object' && value !== null) {
        return linkedInterface(wanted, value as InterfaceExports, instance);
      }
      if (typeof value === 'function') {
        return { default: guardedImport(value as AnyFunction, wanted, instance) };
      }
      const resource = imports[pascalCase(wanted)];
      if (typeof resource === 'function') return { default: resource };
      throw new LinkError(wanted, `nothing is given for the import ${wanted}`);
    },
  });
}

function linkedInterface(name: string, given: InterfaceExports, instance: JcoInstance): InterfaceExports {
  return new Proxy(Object.create(null) as InterfaceExports, {
    get(_target, member) {
      const value = given[String(member)];
      if (typeof value !== 'function') {
        throw new LinkError(name, `the import ${name} lacks the function ${String(member)}`);
      }
      const isClass = /^class\b/.test(Function.prototype.toString.call(value));
      return isClass ? value : guardedImport(value.bind(given), `${name}#${String(member)}`, instance);
    },
  });
}

function guardedImport(inner: AnyFunction, name: string, instance: JcoInstance): AnyFunction {
  return (...args) => {
    try {
      return inner(...args);
    } catch (error) {
      if (!(error instanceof ComponentError)) {
        instance.poison(new TrapError(`the import ${name} threw: ${messageOf(error)}`, { cause: error }));
      }
      throw error;
    }
  };
}

function guardedExports(raw: Record<string, unknown>, instance: JcoInstance): Exports {
  const exports: Record<string, InterfaceExports> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (typeof value === 'function') {
      exports[name] = guardedExport(value as AnyFunction, name, instance) as unknown as InterfaceExports;
    } else if (typeof value === 'object' && value !== null) {
      const members: InterfaceExports = {};
      for (const [member, inner] of Object.entries(value)) {
        const plain =
          typeof inner === 'function' && !/^class\b/.test(Function.prototype.toString.call(inner));
        members[member] = plain ? guardedExport(inner as AnyFunction, `${name}#${member}`, instance) : inner;
      }
      exports[name] = members;
    }
  }
  return exports;
}

function guardedExport(inner: AnyFunction, name: string, instance: JcoInstance): AnyFunction {
  const failed = (error: unknown): Error => {
    if (isErr(error)) return new ComponentError(error.payload);
    const cause =
      instance.poisonedBy ?? new TrapError(`trap in ${name}: ${messageOf(error)}`, { cause: error });
    instance.poison(cause);
    return cause instanceof TrapError ? cause : new PoisonedError(cause);
  };
  return (...args) => {
    if (instance.poisonedBy !== undefined) throw new PoisonedError(instance.poisonedBy);
    if (instance.depth > 0)
      throw failed(new WebAssembly.RuntimeError('the instance was entered again from its own call'));
    instance.depth++;
    let result: unknown;
    try {
      result = inner(...args);
    } catch (error) {
      throw failed(error);
    } finally {
      instance.depth--;
    }
    if (result instanceof Promise) {
      return result.catch((error: unknown) => {
        throw failed(error);
      });
    }
    return result;
  };
}

/** Is this jco's wrapper of a top-level `err`? Its class is made anew for each instance. */
function isErr(error: unknown): error is { payload: unknown } {
  return (
    error instanceof Error &&
    !(error instanceof ComponentError) &&
    error.constructor.name === 'ComponentError' &&
    Object.hasOwn(error, 'payload')
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
