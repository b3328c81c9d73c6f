/**
 * A decoded component → the same component with everything checked that linking depends on, and the
 * types that linking needs. Walks the definitions once, in order, growing the index spaces.
 *
 * The types of a component are its own: an imported resource is a stand-in until instantiation puts
 * an argument's in its place. `../link/` does that again with live things.
 */
import type { ComponentSyntax, Definition, ExternTypeSyntax, SortIndex } from '../decode/syntax.ts';
import { DecodeError } from '../errors.ts';
import { uniquenessKey } from '../names.ts';
import type { ComponentType, Extern, ExternType, InstanceType, ResourceType, ValueType } from '../types.ts';
import { type CanonFact, defineCanon } from './canon.ts';
import { addCoreItem, checkImportNames, coreItem, instantiateModule, moduleType } from './core.ts';
import { addExtern, externType, freshInstance } from './externs.ts';
import { at, type DefinedType, Scope, spaceName, WorkBudget } from './scope.ts';
import { type Budget, type Replacements, substitute } from './substitute.ts';
import { describe, Matcher } from './subtype.ts';
import { defineFunctionType, defineValueType } from './value-types.ts';

/** What validation found out about one definition. */
export interface Fact extends CanonFact {
  /** The type of an import, or of the instance that an instantiation makes. */
  readonly type?: ExternType;
  readonly nested?: ValidComponent;
}

export interface ValidComponent {
  readonly syntax: ComponentSyntax;
  readonly type: ComponentType;
  readonly facts: ReadonlyMap<Definition, Fact>;
}

/** @throws DecodeError where the component is not valid */
export function validateComponent(syntax: ComponentSyntax): ValidComponent {
  return new Validation(new WorkBudget()).component(syntax, undefined);
}

class Validation {
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  component(syntax: ComponentSyntax, parent: Scope | undefined): ValidComponent {
    const scope = new Scope('component', parent);
    const facts = new Map<Definition, Fact>();
    for (const definition of syntax.definitions) {
      const fact = this.#define(scope, definition);
      if (fact) facts.set(definition, fact);
    }
    return { syntax, facts, type: componentType(scope) };
  }

  #define(scope: Scope, definition: Definition): Fact | undefined {
    const { offset } = definition;
    switch (definition.kind) {
      case 'core module':
        checkImportNames(definition.signature.imports, offset);
        scope.coreModules.push({ kind: 'module', ...definition.signature });
        return undefined;
      case 'core instantiate':
        scope.coreInstances.push(instantiateModule(scope, definition.module, definition.args, offset));
        return undefined;
      case 'core bundle': {
        const exports = new Map();
        for (const one of definition.exports) {
          if (exports.has(one.name)) throw new DecodeError(`duplicate export name \`${one.name}\``, offset);
          exports.set(one.name, coreItem(scope, one.sort, one.index, offset));
        }
        scope.coreInstances.push(exports);
        return undefined;
      }
      case 'core type':
        scope.coreTypes.push(
          definition.type.kind === 'func' ? definition.type : moduleType(scope, definition.type, offset),
        );
        return undefined;
      case 'component': {
        const nested = this.component(definition.component, scope);
        scope.components.push(nested.type);
        return { nested };
      }
      case 'instantiate':
        return this.#instantiate(scope, definition);
      case 'bundle':
        return this.#bundle(scope, definition);
      case 'alias export':
        return this.#aliasExport(scope, definition);
      case 'alias core export': {
        const instance = at(scope.coreInstances, definition.instance, 'core instance', offset);
        const item = instance.get(definition.name);
        if (!item) {
          throw new DecodeError(
            `core instance ${definition.instance} has no export named \`${definition.name}\``,
            offset,
          );
        }
        if (item.kind !== definition.sort) {
          throw new DecodeError(
            `export \`${definition.name}\` for core instance ${definition.instance} is not a ${definition.sort}`,
            offset,
          );
        }
        addCoreItem(scope, item);
        return undefined;
      }
      case 'alias outer':
        this.#aliasOuter(scope, definition);
        return undefined;
      case 'type':
        return this.#type(scope, definition);
      case 'canon':
        return defineCanon(scope, definition.canon, offset);
      case 'import':
        return this.#import(scope, definition);
      case 'export':
        return this.#export(scope, definition);
      case 'export declaration':
        this.#declareExport(scope, definition);
        return undefined;
    }
  }

  #type(scope: Scope, definition: Extract<Definition, { kind: 'type' }>): Fact | undefined {
    const { type: syntax, offset } = definition;
    switch (syntax.kind) {
      case 'func':
        scope.types.push(defineFunctionType(scope, syntax, offset));
        return undefined;
      case 'resource': {
        if (scope.kind !== 'component')
          throw new DecodeError('resources can only be defined within a concrete component', offset);
        if (syntax.destructor !== undefined) {
          const type = scope.coreFunc(syntax.destructor, offset);
          if (type.params.join() !== 'i32' || type.results.length > 0) {
            throw new DecodeError('core function of a resource destructor has the wrong signature', offset);
          }
        }
        const resource: ResourceType = { kind: 'resource' };
        scope.types.push(resource);
        scope.ownResources.push(resource);
        scope.localResources.add(resource);
        return { resource };
      }
      case 'component':
      case 'instance': {
        const inner = new Scope(syntax.kind === 'component' ? 'component type' : 'instance type', scope);
        for (const declaration of syntax.declarations) this.#declare(inner, declaration);
        scope.types.push(syntax.kind === 'component' ? componentType(inner) : instanceType(inner));
        return undefined;
      }
      default:
        scope.types.push(defineValueType(scope, syntax, offset));
        return undefined;
    }
  }

  /** A declaration in a type may be less than a definition in a component. */
  #declare(scope: Scope, declaration: Definition): void {
    const { offset } = declaration;
    if (
      declaration.kind === 'alias outer' &&
      declaration.sort !== 'type' &&
      declaration.sort !== 'core type'
    ) {
      throw new DecodeError('outer aliases in types are only for types', offset);
    }
    if (
      declaration.kind === 'alias export' &&
      declaration.sort !== 'type' &&
      declaration.sort !== 'instance'
    ) {
      throw new DecodeError('export aliases in types are only for instances and types', offset);
    }
    if (declaration.kind === 'alias core export')
      throw new DecodeError('aliases in types cannot be of core exports', offset);
    this.#define(scope, declaration);
  }

  #import(scope: Scope, definition: Extract<Definition, { kind: 'import' }>): Fact {
    const { offset, name } = definition;
    const type = this.#fresh(
      scope,
      externType(scope, definition.type, offset),
      name,
      scope.importedResources,
    );
    if (definition.type.kind === 'sub-resource')
      scope.importedResources.push((type as { type: ResourceType }).type);
    const entered = addExtern(scope, 'import', name, definition.implements, type, offset, this.#budget);
    this.#enter(scope, entered, 'import');
    return { type: entered };
  }

  #declareExport(scope: Scope, definition: Extract<Definition, { kind: 'export declaration' }>): void {
    const { offset, name } = definition;
    const type = this.#fresh(scope, externType(scope, definition.type, offset), name, scope.ownResources);
    if (definition.type.kind === 'sub-resource')
      scope.ownResources.push((type as { type: ResourceType }).type);
    const entered = addExtern(scope, 'export', name, definition.implements, type, offset, this.#budget);
    this.#enter(scope, entered, 'export');
  }

  #fresh(scope: Scope, type: ExternType, name: string, into: ResourceType[]): ExternType {
    if (type.kind !== 'instance') return type;
    const isRoot = scope.kind === 'component' && scope.parent === undefined;
    const { instance, resources } = freshInstance(type, isRoot ? name : undefined, this.#budget);
    into.push(...resources);
    return instance;
  }

  #export(scope: Scope, definition: Extract<Definition, { kind: 'export' }>): Fact {
    const { offset, name, item } = definition;
    if (item.sort.startsWith('core ') && item.sort !== 'core module') {
      throw new DecodeError(`a ${item.sort} cannot be exported from a component`, offset);
    }
    let type = this.#itemType(scope, item, offset);
    if (definition.ascribed) type = this.#ascribe(scope, definition.ascribed, type, name, offset);
    const entered = addExtern(scope, 'export', name, definition.implements, type, offset, this.#budget);
    this.#enter(scope, entered, 'export');
    return { type: entered };
  }

  /** The type that an export says it has, which may say less than the item's own. */
  #ascribe(
    scope: Scope,
    ascribed: ExternTypeSyntax,
    type: ExternType,
    name: string,
    offset: number,
  ): ExternType {
    const wanted = externType(scope, ascribed, offset);
    const opaque =
      wanted.kind === 'type' && ascribed.kind === 'sub-resource' ? (wanted.type as ResourceType) : undefined;
    const fresh = wanted.kind === 'instance' ? freshInstance(wanted, undefined, this.#budget) : undefined;
    const open = fresh?.resources ?? (opaque ? [opaque] : []);
    const mismatch = new Matcher(open, this.#budget).extern(type, fresh?.instance ?? wanted);
    if (mismatch) {
      throw new DecodeError(
        `ascribed type of export \`${name}\` is not compatible with the item's type: ${mismatch}`,
        offset,
      );
    }
    scope.ownResources.push(...open);
    return fresh?.instance ?? wanted;
  }

  /** A new index for something that was imported or exported. */
  #enter(scope: Scope, type: ExternType, side: 'import' | 'export'): void {
    switch (type.kind) {
      case 'module':
        scope.coreModules.push(type);
        break;
      case 'func':
        scope.funcs.push(type);
        break;
      case 'component':
        scope.components.push(type);
        break;
      case 'instance':
        scope.instances.push(type);
        break;
      case 'type':
        scope.namedIndices.set(scope.types.length, side);
        scope.types.push(type.type);
        break;
    }
  }

  #itemType(scope: Scope, item: SortIndex, offset: number): ExternType {
    const what = spaceName(item.sort);
    switch (item.sort) {
      case 'core module':
        return at(scope.coreModules, item.index, what, offset);
      case 'func':
        return at(scope.funcs, item.index, what, offset);
      case 'component':
        return at(scope.components, item.index, what, offset);
      case 'instance':
        return at(scope.instances, item.index, what, offset);
      case 'type':
        return { kind: 'type', type: at(scope.types, item.index, what, offset) as ValueType | ResourceType };
      default:
        throw new DecodeError(`a ${item.sort} cannot stand here`, offset);
    }
  }

  #instantiate(scope: Scope, definition: Extract<Definition, { kind: 'instantiate' }>): Fact {
    const { offset } = definition;
    const component = at(scope.components, definition.component, 'component', offset);
    const supplied: Extern[] = [];
    const names = new Set<string>();
    for (const arg of definition.args) {
      if (names.has(arg.name))
        throw new DecodeError(
          `instantiation argument \`${arg.name}\` conflicts with previous argument`,
          offset,
        );
      names.add(arg.name);
      supplied.push({ name: arg.name, type: this.#itemType(scope, arg, offset) });
    }
    const matcher = new Matcher(component.importedResources, this.#budget);
    const mismatch = matcher.imports(supplied, component.imports);
    if (mismatch) throw new DecodeError(`type mismatch for component instantiation: ${mismatch}`, offset);
    const replacements: Replacements = matcher.bound;
    for (const resource of component.resources) {
      const fresh: ResourceType = { ...resource };
      replacements.set(resource, fresh);
      scope.ownResources.push(fresh);
    }
    const open: InstanceType = { kind: 'instance', exports: component.exports, resources: [] };
    const type = substitute(open, replacements, this.#budget);
    scope.instances.push(type);
    return { type };
  }

  #bundle(scope: Scope, definition: Extract<Definition, { kind: 'bundle' }>): Fact {
    const { offset } = definition;
    const inner = new Scope('instance type', scope);
    for (const one of definition.exports) {
      if (inner.exports.names.has(uniquenessKey(one.name))) {
        throw new DecodeError(`instance export name \`${one.name}\` conflicts with previous name`, offset);
      }
      addExtern(
        inner,
        'export',
        one.name,
        one.implements,
        this.#itemType(scope, one, offset),
        offset,
        this.#budget,
      );
      // Bundling defines nothing, so that no `[method]` or `[constructor]` in it has a resource to refer to.
      inner.exports.resources.clear();
    }
    const type: InstanceType = { kind: 'instance', exports: inner.exports.externs, resources: [] };
    scope.instances.push(type);
    return { type };
  }

  #aliasExport(scope: Scope, definition: Extract<Definition, { kind: 'alias export' }>): Fact {
    const { offset, name, sort } = definition;
    const instance = at(scope.instances, definition.instance, 'instance', offset);
    this.#budget.spend(1);
    const extern = exportsOf(instance).get(name);
    if (!extern)
      throw new DecodeError(`instance ${definition.instance} has no export named \`${name}\``, offset);
    const wanted = sort === 'core module' ? 'module' : sort;
    if (extern.type.kind !== wanted) {
      throw new DecodeError(
        `export \`${name}\` for instance ${definition.instance} is not a ${sort}: it is ${describe(extern.type)}`,
        offset,
      );
    }
    this.#enterAlias(scope, extern.type);
    return { type: extern.type };
  }

  #enterAlias(scope: Scope, type: ExternType): void {
    if (type.kind !== 'type') {
      this.#enter(scope, type, 'export');
      return;
    }
    const known = type.type;
    const side = namedSide(scope, known);
    if (side) scope.namedIndices.set(scope.types.length, side);
    scope.types.push(known);
  }

  #aliasOuter(scope: Scope, definition: Extract<Definition, { kind: 'alias outer' }>): void {
    const { offset, sort, count, index } = definition;
    const target = scope.outer(count, offset);
    switch (sort) {
      case 'core module':
        scope.coreModules.push(at(target.coreModules, index, 'module', offset));
        return;
      case 'core type':
        scope.coreTypes.push(at(target.coreTypes, index, 'core type', offset));
        return;
      case 'component':
        scope.components.push(at(target.components, index, 'component', offset));
        return;
      case 'type': {
        const type = at(target.types, index, 'type', offset);
        if (crossesComponent(scope, count) && mentionsResource(type, target, this.#budget)) {
          throw new DecodeError(
            'cannot alias outer type which transitively refers to resources not defined in the current component',
            offset,
          );
        }
        const side = target === scope ? scope.namedIndices.get(index) : undefined;
        if (side) scope.namedIndices.set(scope.types.length, side);
        scope.types.push(type);
        return;
      }
      default:
        throw new DecodeError(`an outer alias cannot be of a ${sort}`, offset);
    }
  }
}

function namedSide(scope: Scope, type: DefinedType): 'import' | 'export' | undefined {
  if (type.kind !== 'resource') return undefined;
  if (scope.imports.visibleResources.has(type)) return 'import';
  return scope.exports.visibleResources.has(type) ? 'export' : undefined;
}

const exportMaps = new WeakMap<InstanceType, Map<string, Extern>>();

export function exportsOf(instance: InstanceType): ReadonlyMap<string, Extern> {
  let map = exportMaps.get(instance);
  if (!map) {
    map = new Map(instance.exports.map((extern) => [extern.name, extern]));
    exportMaps.set(instance, map);
  }
  return map;
}

function crossesComponent(scope: Scope, count: number): boolean {
  let at: Scope | undefined = scope;
  for (let i = 0; i < count; i++) {
    if (at?.kind === 'component') return true;
    at = at?.parent;
  }
  return false;
}

/** Does a type refer to a resource that belongs to a scope (and not to the type itself)? */
function mentionsResource(type: DefinedType, owner: Scope, budget: Budget): boolean {
  const mapped: Replacements = new Map();
  for (let scope: Scope | undefined = owner; scope; scope = scope.parent) {
    for (const resource of scope.importedResources) mapped.set(resource, { kind: 'resource' });
    for (const resource of scope.ownResources) mapped.set(resource, { kind: 'resource' });
  }
  return substitute(type, mapped, budget) !== type;
}

function componentType(scope: Scope): ComponentType {
  return {
    kind: 'component',
    imports: scope.imports.externs,
    exports: scope.exports.externs,
    importedResources: scope.importedResources,
    resources: scope.ownResources,
  };
}

function instanceType(scope: Scope): InstanceType {
  return { kind: 'instance', exports: scope.exports.externs, resources: scope.ownResources };
}
