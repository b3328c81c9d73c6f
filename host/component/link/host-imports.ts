/** Finding what the host gives for the imports of a root: functions and classes by their names in JavaScript. */
import type { HostFunction } from '../bind/interpret-call.ts';
import type { Imports } from '../component.ts';
import { LinkError } from '../errors.ts';
import { camelCase, parseExternName, pascalCase } from '../names.ts';
import { isSuspending } from '../suspending.ts';
import type { CoreModuleType } from '../types.ts';
import type { HostPath } from './plan.ts';

type Class = new (...args: unknown[]) => unknown;

/** A function that the host gives, and the object that it is a method of. */
export interface GivenFunction {
  readonly call: HostFunction;
  readonly receiver: unknown;
  /** It may give a promise although its type is a plain func: see `../suspending.ts`. */
  readonly suspending: boolean;
}

/**
 * The function at `path`. Methods are called on the object that the guest passes, constructors with `new`.
 * @throws LinkError when the host gives none
 */
export function givenFunction(imports: Imports, path: HostPath): GivenFunction {
  const name = path[path.length - 1]!;
  const holder = holderOf(imports, path);
  const parsed = parseExternName(name);
  switch (parsed?.kind) {
    case 'constructor': {
      const given = classIn(holder, parsed.resource, path);
      return { call: (...args) => new given(...args), receiver: undefined, suspending: false };
    }
    case 'static': {
      const given = classIn(holder, parsed.resource, path);
      const method = (given as unknown as Record<string, unknown>)[camelCase(parsed.name)];
      if (typeof method !== 'function')
        return missing(
          path,
          `the class ${pascalCase(parsed.resource)} has no static function ${camelCase(parsed.name)}`,
        );
      return { call: method as HostFunction, receiver: given, suspending: isSuspending(method) };
    }
    case 'method': {
      const given = classIn(holder, parsed.resource, path);
      const method = camelCase(parsed.name);
      const shared = (given.prototype as Record<string, unknown>)[method];
      if (typeof shared !== 'function') {
        return missing(path, `the class ${pascalCase(parsed.resource)} has no method ${method}`);
      }
      return {
        call: (self, ...args) => (self as Record<string, HostFunction>)[method]!(...args),
        receiver: undefined,
        suspending: isSuspending(shared),
      };
    }
    default: {
      const member = name.includes(':') ? name : camelCase(name);
      const given = holder[member];
      if (typeof given !== 'function') return missing(path, `there is no function ${member}`);
      return {
        call: given as HostFunction,
        receiver: path.length > 1 ? holder : undefined,
        suspending: isSuspending(given),
      };
    }
  }
}

/** The class that stands for an imported resource; undefined when the host gives none and none is needed. */
export function givenClass(imports: Imports, path: HostPath): Class | undefined {
  const given = holderOf(imports, path)[pascalCase(path[path.length - 1]!)];
  return typeof given === 'function' ? (given as Class) : undefined;
}

/** The core module that the host gives: one with the exports that are wanted. V8 compares their types when it links. */
export function givenModule(imports: Imports, path: HostPath, type: CoreModuleType): WebAssembly.Module {
  const name = path[path.length - 1]!;
  const holder = holderOf(imports, path);
  const given = holder[name] ?? holder[camelCase(name)];
  if (!(given instanceof WebAssembly.Module)) return missing(path, 'a WebAssembly.Module is wanted');
  const kinds = new Map(WebAssembly.Module.exports(given).map((one) => [one.name, one.kind]));
  for (const wanted of type.exports) {
    const kind = wanted.type.kind === 'func' ? 'function' : wanted.type.kind;
    if (kinds.get(wanted.name) !== kind) return missing(path, `the module exports no ${kind} ${wanted.name}`);
  }
  return given;
}

function holderOf(imports: Imports, path: HostPath): Record<string, unknown> {
  let holder = imports as Record<string, unknown>;
  for (const part of path.slice(0, -1)) {
    const next = holder[part] ?? (part.includes(':') ? undefined : holder[camelCase(part)]);
    if ((typeof next !== 'object' && typeof next !== 'function') || next === null) {
      return missing(path, `nothing is given for the interface ${part}`);
    }
    holder = next as Record<string, unknown>;
  }
  return holder;
}

function classIn(holder: Record<string, unknown>, resource: string, path: HostPath): Class {
  const given = holder[pascalCase(resource)];
  if (typeof given !== 'function') return missing(path, `there is no class ${pascalCase(resource)}`);
  return given as Class;
}

function missing(path: HostPath, detail: string): never {
  const name = path.join('#');
  throw new LinkError(name, `the import ${name} is not given: ${detail}`);
}
