/**
 * Types with other resources (and other named types) in the place of some: what instantiation does
 * to a component's type, and importing does to an instance type. What does not mention a replaced
 * part keeps its identity, and a part that is shared stays shared.
 */
import type {
  ComponentType,
  Extern,
  ExternType,
  InstanceType,
  ResourceType,
  TypeName,
  ValueType,
} from '../types.ts';

export type AnyType = ValueType | ResourceType | ExternType;

/** From a resource or a named value type to what stands in its place. */
export type Replacements = Map<object, object>;

/** Counts work, so that hostile components cannot make a small binary into years of copying. */
export interface Budget {
  spend(amount: number): void;
}

/** `names`: new names for named value types, which become new types by that. */
export function substitute<T extends AnyType>(
  type: T,
  replacements: Replacements,
  budget: Budget,
  names: ReadonlyMap<object, TypeName> = noNames,
): T {
  if (replacements.size === 0 && names.size === 0) return type;
  return new Substitution(replacements, budget, names).apply(type);
}

const noNames: ReadonlyMap<object, TypeName> = new Map();

class Substitution {
  readonly #done: Replacements;
  readonly #budget: Budget;
  readonly #names: ReadonlyMap<object, TypeName>;

  constructor(replacements: Replacements, budget: Budget, names: ReadonlyMap<object, TypeName>) {
    this.#done = new Map(replacements);
    this.#budget = budget;
    this.#names = names;
  }

  apply<T extends AnyType>(type: T): T {
    const known = this.#done.get(type);
    if (known) return known as T;
    this.#budget.spend(1);
    const typeName = this.#names.get(type);
    const rebuilt = this.#rebuild(type);
    const result = (typeName ? { ...rebuilt, typeName } : rebuilt) as T;
    this.#done.set(type, result);
    return result;
  }

  #rebuild(type: AnyType): AnyType {
    switch (type.kind) {
      case 'record':
        return this.#with(type, 'fields', this.#typed(type.fields));
      case 'variant':
        return this.#with(type, 'cases', this.#typed(type.cases));
      case 'tuple':
        return this.#with(
          type,
          'elements',
          this.#each(type.elements, (element) => this.apply(element)),
        );
      case 'list':
        return this.#with(type, 'element', this.apply(type.element));
      case 'stream':
      case 'future':
        return this.#with(type, 'element', this.#maybe(type.element));
      case 'option':
        return this.#with(type, 'some', this.apply(type.some));
      case 'result': {
        const ok = this.#maybe(type.ok);
        const err = this.#maybe(type.err);
        return ok === type.ok && err === type.err ? type : { ...type, ok, err };
      }
      case 'own':
      case 'borrow':
        return this.#with(type, 'resource', this.apply(type.resource));
      case 'func': {
        const params = this.#typed(type.params);
        const result = this.#maybe(type.result);
        return params === type.params && result === type.result ? type : { ...type, params, result };
      }
      case 'instance':
        return this.#instance(type);
      case 'component':
        return this.#component(type);
      case 'type':
        return this.#with(type, 'type', this.apply(type.type));
      default:
        return type;
    }
  }

  #instance(type: InstanceType): InstanceType {
    const exports = this.#typed(type.exports);
    const resources = this.#each(type.resources, (resource) => this.apply(resource));
    if (exports === type.exports && resources === type.resources) return type;
    return { ...type, exports, resources };
  }

  #component(type: ComponentType): ComponentType {
    const imports = this.#typed(type.imports);
    const exports = this.#typed(type.exports);
    return imports === type.imports && exports === type.exports ? type : { ...type, imports, exports };
  }

  #with<T extends AnyType, K extends keyof T>(type: T, key: K, value: T[K]): T {
    return type[key] === value ? type : { ...type, [key]: value };
  }

  #maybe(type: ValueType | undefined): ValueType | undefined {
    return type && this.apply(type);
  }

  #each<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
    const changed = items.map(change);
    return changed.some((item, i) => item !== items[i]) ? changed : items;
  }

  #typed<T extends { readonly type: AnyType | undefined }>(items: readonly T[]): readonly T[] {
    return this.#each(items, (item) => {
      this.#budget.spend(1);
      if (item.type === undefined) return item;
      const type = this.apply(item.type);
      return type === item.type ? item : { ...item, type };
    });
  }
}

export function externNamed(externs: readonly Extern[], name: string): Extern | undefined {
  return externs.find((extern) => extern.name === name);
}
