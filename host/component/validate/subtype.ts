/**
 * Whether what is given fits what is wanted (Explainer.md, "Type Checking"). Resources that the
 * wanted type introduces are bound, on the way, to the given ones; everything after sees the binding.
 */
import type { CoreExternType, CoreFunctionType, Limits } from '../decode/syntax.ts';
import type {
  ComponentType,
  CoreModuleType,
  Extern,
  ExternType,
  FunctionType,
  InstanceType,
  ResourceType,
  ValueType,
} from '../types.ts';
import { type AnyType, type Budget, type Replacements, substitute } from './substitute.ts';

/** Why a type does not fit, as the end of a sentence that begins with the name of the thing. */
export type Mismatch = string | undefined;

export class Matcher {
  /** Bindings found so far: wanted resource or named type → the given one. */
  readonly bound: Replacements = new Map();
  readonly #open: Set<ResourceType>;
  readonly #budget: Budget;

  /** `open`: the resources of the wanted types that may be bound. */
  constructor(open: Iterable<ResourceType>, budget: Budget) {
    this.#open = new Set(open);
    this.#budget = budget;
  }

  /** Does `given` fit where `wanted` is asked for? */
  extern(given: ExternType, wanted: ExternType): Mismatch {
    this.#budget.spend(1);
    if (given.kind !== wanted.kind) return `expected ${describe(wanted)}, found ${describe(given)}`;
    switch (wanted.kind) {
      case 'func':
        return this.func(given as FunctionType, wanted);
      case 'instance':
        return this.instance(given as InstanceType, wanted);
      case 'component':
        return this.#component(given as ComponentType, wanted);
      case 'module':
        return moduleMismatch(given as CoreModuleType, wanted);
      case 'type':
        return this.#typeExport((given as { type: ValueType | ResourceType }).type, wanted.type);
    }
  }

  #typeExport(given: ValueType | ResourceType, wanted: ValueType | ResourceType): Mismatch {
    if (wanted.kind === 'resource' || given.kind === 'resource') {
      if (wanted.kind !== 'resource') return 'expected a value type, found a resource';
      if (given.kind !== 'resource') return 'expected a resource, found a value type';
      return this.#resource(given, wanted);
    }
    const mismatch = this.value(given, wanted);
    // The same type may be wanted under two names; the first one given for it is the one that it was declared with.
    if (mismatch === undefined && given !== wanted && !this.bound.has(wanted)) this.bound.set(wanted, given);
    return mismatch;
  }

  #resource(given: ResourceType, wanted: ResourceType): Mismatch {
    const bound = this.bound.get(wanted);
    if (bound === undefined && this.#open.has(wanted)) {
      this.bound.set(wanted, given);
      return undefined;
    }
    return (bound ?? wanted) === given ? undefined : 'resource types are not the same';
  }

  instance(given: InstanceType, wanted: InstanceType): Mismatch {
    for (const resource of wanted.resources) if (!this.bound.has(resource)) this.#open.add(resource);
    const byName = new Map(given.exports.map((extern) => [extern.name, extern]));
    this.#budget.spend(given.exports.length);
    for (const want of wanted.exports) {
      const have = byName.get(want.name);
      if (!have) return `missing expected export \`${want.name}\``;
      const mismatch = this.extern(have.type, want.type);
      if (mismatch) return `export \`${want.name}\`: ${mismatch}`;
    }
    return undefined;
  }

  #component(given: ComponentType, wanted: ComponentType): Mismatch {
    const inward = new Matcher(given.importedResources, this.#budget);
    const wantedImports = substituteExterns(wanted.imports, this.bound, this.#budget);
    const mismatch = inward.imports(wantedImports, given.imports);
    if (mismatch) return mismatch;
    const outward = new Matcher(wanted.resources, this.#budget);
    for (const [key, value] of this.bound) outward.bound.set(key, value);
    const exports = substituteExterns(given.exports, inward.bound, this.#budget);
    const byName = new Map(exports.map((extern) => [extern.name, extern]));
    for (const want of wanted.exports) {
      const have = byName.get(want.name);
      if (!have) return `missing expected export \`${want.name}\``;
      const inner = outward.extern(have.type, want.type);
      if (inner) return `export \`${want.name}\`: ${inner}`;
    }
    return undefined;
  }

  /** Fit `supplied` to the imports `wanted`, in order. */
  imports(supplied: readonly Extern[], wanted: readonly Extern[]): Mismatch {
    const byName = new Map(supplied.map((extern) => [extern.name, extern]));
    for (const want of wanted) {
      const have = byName.get(want.name);
      if (!have) return `missing import named \`${want.name}\``;
      const mismatch = this.extern(have.type, want.type);
      if (mismatch) return `import \`${want.name}\`: ${mismatch}`;
    }
    return undefined;
  }

  func(given: FunctionType, wanted: FunctionType): Mismatch {
    if (given.async !== wanted.async) {
      return `expected ${wanted.async ? 'an async' : 'a sync'} function, found ${given.async ? 'an async' : 'a sync'} one`;
    }
    if (given.params.length !== wanted.params.length) {
      return `expected ${wanted.params.length} parameters, found ${given.params.length}`;
    }
    for (const [i, want] of wanted.params.entries()) {
      const have = given.params[i]!;
      if (have.name !== want.name) return `expected parameter named \`${want.name}\`, found \`${have.name}\``;
      const mismatch = this.value(have.type, want.type);
      if (mismatch) return `type mismatch in parameter \`${want.name}\`: ${mismatch}`;
    }
    const mismatch = this.#optional(given.result, wanted.result, 'a result');
    return mismatch && `type mismatch with the result: ${mismatch}`;
  }

  #optional(given: ValueType | undefined, wanted: ValueType | undefined, what: string): Mismatch {
    if (given && wanted) return this.value(given, wanted);
    if (given) return `expected no ${what.slice(2)}, found one`;
    return wanted ? `expected ${what}, found none` : undefined;
  }

  /** Value types are equal or not: there is no subtyping between them. */
  value(given: ValueType, wanted: ValueType): Mismatch {
    if (given === wanted || this.bound.get(wanted) === given) return undefined;
    this.#budget.spend(1);
    if (given.kind !== wanted.kind) return `expected ${describe(wanted)}, found ${describe(given)}`;
    switch (wanted.kind) {
      case 'record':
        return this.#members('field', fieldsOf(given), wanted.fields);
      case 'variant':
        return this.#members('case', fieldsOf(given), wanted.cases);
      case 'flags':
      case 'enum': {
        const names = (given as { names: readonly string[] }).names;
        const same =
          names.length === wanted.names.length && names.every((name, i) => name === wanted.names[i]);
        return same ? undefined : `${wanted.kind} with other names`;
      }
      case 'tuple': {
        const elements = (given as { elements: readonly ValueType[] }).elements;
        if (elements.length !== wanted.elements.length) {
          return `expected ${wanted.elements.length} types in the tuple, found ${elements.length}`;
        }
        for (const [i, element] of wanted.elements.entries()) {
          const mismatch = this.value(elements[i]!, element);
          if (mismatch) return `tuple field ${i}: ${mismatch}`;
        }
        return undefined;
      }
      case 'list': {
        const list = given as { element: ValueType; length?: number; map?: true };
        if (list.map !== wanted.map) return 'a list where a map is wanted, or the other way round';
        if (list.length !== wanted.length) return 'lists of other lengths';
        return this.value(list.element, wanted.element);
      }
      case 'option':
        return this.value((given as { some: ValueType }).some, wanted.some);
      case 'result': {
        const result = given as { ok: ValueType | undefined; err: ValueType | undefined };
        return (
          this.#optional(result.ok, wanted.ok, 'an ok type') ??
          this.#optional(result.err, wanted.err, 'an err type')
        );
      }
      case 'own':
      case 'borrow':
        return this.#resource((given as { resource: ResourceType }).resource, wanted.resource);
      case 'stream':
      case 'future':
        return this.#optional(
          (given as { element: ValueType | undefined }).element,
          wanted.element,
          'an element type',
        );
      default:
        return undefined;
    }
  }

  #members(
    what: string,
    given: readonly { name: string; type: ValueType | undefined }[],
    wanted: readonly { name: string; type: ValueType | undefined }[],
  ): Mismatch {
    if (given.length !== wanted.length) return `expected ${wanted.length} ${what}s, found ${given.length}`;
    for (const [i, want] of wanted.entries()) {
      const have = given[i]!;
      if (have.name !== want.name) return `expected ${what} named \`${want.name}\`, found \`${have.name}\``;
      const mismatch = this.#optional(have.type, want.type, 'a type');
      if (mismatch) return `${what} \`${want.name}\`: ${mismatch}`;
    }
    return undefined;
  }
}

function substituteExterns(
  externs: readonly Extern[],
  replacements: Replacements,
  budget: Budget,
): readonly Extern[] {
  return externs.map((extern) => ({ ...extern, type: substitute(extern.type, replacements, budget) }));
}

function fieldsOf(type: ValueType): readonly { name: string; type: ValueType | undefined }[] {
  if (type.kind === 'record') return type.fields;
  return type.kind === 'variant' ? type.cases : [];
}

export function describe(type: AnyType): string {
  switch (type.kind) {
    case 'func':
      return type.async ? 'async func' : 'func';
    case 'type':
      return 'a type';
    case 'module':
      return 'core module';
    default:
      return type.kind;
  }
}

/** A module fits when it imports no more and exports no less than is wanted. */
export function moduleMismatch(given: CoreModuleType, wanted: CoreModuleType): Mismatch {
  const imports = new Map(wanted.imports.map((one) => [JSON.stringify([one.module, one.name]), one]));
  for (const need of given.imports) {
    const have = imports.get(JSON.stringify([need.module, need.name]));
    if (!have) return `missing expected import \`${need.module}::${need.name}\``;
    const mismatch = coreMismatch(have.type, need.type);
    if (mismatch) return `import \`${need.module}::${need.name}\`: ${mismatch}`;
  }
  const exports = new Map(given.exports.map((one) => [one.name, one]));
  for (const want of wanted.exports) {
    const have = exports.get(want.name);
    if (!have) return `missing expected export \`${want.name}\``;
    const mismatch = coreMismatch(have.type, want.type);
    if (mismatch) return `export \`${want.name}\`: ${mismatch}`;
  }
  return undefined;
}

/** Core import matching, as the core specification has it. */
export function coreMismatch(given: CoreExternType, wanted: CoreExternType): Mismatch {
  if (given.kind !== wanted.kind) return `expected a ${wanted.kind}, found a ${given.kind}`;
  switch (wanted.kind) {
    case 'func':
      return sameSignature(given as CoreFunctionType, wanted)
        ? undefined
        : signatureMismatch(given as CoreFunctionType, wanted);
    case 'tag':
      return sameSignature((given as { signature: CoreFunctionType }).signature, wanted.signature)
        ? undefined
        : 'expected a tag of another type';
    case 'global': {
      const global = given as { value: string; mutable: boolean };
      if (global.mutable !== wanted.mutable) return 'global types differ in mutability';
      return global.value === wanted.value
        ? undefined
        : `expected global type ${wanted.value}, found ${global.value}`;
    }
    case 'table': {
      const table = given as { element: string; limits: Limits };
      if (table.element !== wanted.element)
        return `expected table element type ${wanted.element}, found ${table.element}`;
      return limitsMismatch('table', table.limits, wanted.limits);
    }
    case 'memory': {
      const memory = given as { limits: Limits; pageSizeLog2: number };
      if (memory.pageSizeLog2 !== wanted.pageSizeLog2) return 'memory page sizes differ';
      return limitsMismatch('memory', memory.limits, wanted.limits);
    }
  }
}

function limitsMismatch(what: string, given: Limits, wanted: Limits): Mismatch {
  if (given.index64 !== wanted.index64) return `mismatch in index type used for ${what}`;
  if (given.shared !== wanted.shared) return `mismatch in the shared flag for ${what}`;
  if (given.min < wanted.min) return `mismatch in ${what} limits: the minimum is too small`;
  if (wanted.max !== undefined && (given.max === undefined || given.max > wanted.max)) {
    return `mismatch in ${what} limits: the maximum is too large`;
  }
  return undefined;
}

export function sameSignature(a: CoreFunctionType, b: CoreFunctionType): boolean {
  return sameTypes(a.params, b.params) && sameTypes(a.results, b.results);
}

function sameTypes(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((type, i) => type === b[i]);
}

function signatureMismatch(given: CoreFunctionType, wanted: CoreFunctionType): string {
  const show = (type: CoreFunctionType) => `[${type.params.join(' ')}] -> [${type.results.join(' ')}]`;
  return `expected type ${show(wanted)}, found type ${show(given)}`;
}
