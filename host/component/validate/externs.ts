/**
 * Imports and exports as they enter a scope: their names (grammar, uniqueness, what `[method]` and
 * the like require), the visibility of the types that they mention, and the fresh resources that an
 * imported instance brings.
 */
import type { ExternTypeSyntax } from '../decode/syntax.ts';
import { DecodeError } from '../errors.ts';
import { type ExternName, isInterfaceName, parseExternName, uniquenessKey } from '../names.ts';
import type { ExternType, FunctionType, InstanceType, ResourceType, TypeName, ValueType } from '../types.ts';
import { at, type Boundary, isValueType, type Scope } from './scope.ts';
import { type AnyType, type Budget, type Replacements, substitute } from './substitute.ts';
import { containsBorrow, partsOf } from './value-types.ts';

/** Names given inside a scope whose own name is not known yet; the first outer one completes them. */
const pending = new WeakSet<object>();

type Nameable = { typeName?: TypeName };

/** The type that an import, an export or a declaration says it has; an instance type is not yet fresh. */
export function externType(scope: Scope, syntax: ExternTypeSyntax, offset: number): ExternType {
  switch (syntax.kind) {
    case 'core module': {
      const type = at(scope.coreTypes, syntax.type, 'core type', offset);
      if (type.kind !== 'module')
        throw new DecodeError(`core type ${syntax.type} is not a module type`, offset);
      return type;
    }
    case 'func':
      return scope.functionType(syntax.type, offset);
    case 'component':
    case 'instance': {
      const type = at(scope.types, syntax.type, 'type', offset);
      if (type.kind !== syntax.kind) {
        throw new DecodeError(
          `type index ${syntax.type} is not ${syntax.kind === 'instance' ? 'an' : 'a'} ${syntax.kind} type`,
          offset,
        );
      }
      return type as ExternType;
    }
    case 'type-eq': {
      const type = at(scope.types, syntax.type, 'type', offset);
      // Function, instance and component types may be imported and exported as types too; they have no face of their own.
      return { kind: 'type', type: type as ValueType | ResourceType };
    }
    case 'sub-resource':
      return { kind: 'type', type: { kind: 'resource' } };
  }
}

/** An instance type with resources of its own, named after `owner` when that is known. */
export function freshInstance(
  type: InstanceType,
  owner: string | undefined,
  budget: Budget,
): { instance: InstanceType; resources: ResourceType[] } {
  const replacements: Replacements = new Map();
  const names = new Map<object, TypeName>();
  const resources = type.resources.map((resource) => {
    const fresh: ResourceType = { kind: 'resource' };
    if (resource.typeName) setName(fresh, owner, resource.typeName.name, owner === undefined);
    replacements.set(resource, fresh);
    return fresh;
  });
  if (owner !== undefined) {
    for (const { type: exported } of type.exports) {
      if (exported.kind !== 'type' || exported.type.kind === 'resource') continue;
      const typeName = exported.type.typeName;
      if (typeName && pending.has(typeName)) names.set(exported.type, { owner, name: typeName.name });
    }
  }
  const instance = substitute({ ...type, resources: [] } as InstanceType, replacements, budget, names);
  return { instance, resources };
}

function setName(type: Nameable, owner: string | undefined, name: string, isPending: boolean): void {
  const typeName: TypeName = { owner, name };
  if (isPending) pending.add(typeName);
  type.typeName = typeName;
}

/** Name a type that has no final name yet. */
function nameType(type: AnyType, owner: string | undefined, name: string, isPending: boolean): void {
  const named = type as Nameable;
  if (named.typeName && !(pending.has(named.typeName) && !isPending)) return;
  setName(named, owner, name, isPending);
}

/** Enter an import or an export into a scope; returns the type under which it is known from here on. */
export function addExtern(
  scope: Scope,
  side: 'import' | 'export',
  name: string,
  implemented: string | undefined,
  type: ExternType,
  offset: number,
  budget: Budget,
): ExternType {
  const parsed = parseExternName(name);
  if (!parsed)
    throw new DecodeError(`${side} name \`${name}\` is not a valid extern name (not in kebab case)`, offset);
  checkImplements(parsed, implemented, type, offset);
  const boundary = side === 'import' ? scope.imports : scope.exports;
  const key = uniquenessKey(name);
  if (boundary.names.has(key))
    throw new DecodeError(`${side} name \`${name}\` conflicts with previous name`, offset);
  boundary.names.add(key);
  if ('resource' in parsed) {
    if (type.kind !== 'func') throw new DecodeError(`${side} name \`${name}\` must name a function`, offset);
    checkResourceFunction(parsed, name, type, boundary, offset);
  }
  const entered = enterTypes(scope, side, boundary, parsed, name, type, offset, budget);
  boundary.externs.push({ name, type: entered });
  return entered;
}

function checkImplements(
  parsed: ExternName,
  implemented: string | undefined,
  type: ExternType,
  offset: number,
): void {
  if (implemented === undefined) return;
  if (!isInterfaceName(implemented))
    throw new DecodeError(`\`${implemented}\` is not an interface name`, offset);
  if (type.kind !== 'instance') throw new DecodeError('only instance names can have an `implements`', offset);
  if (parsed.kind !== 'label')
    throw new DecodeError('name is not valid with `implements`: it must be plain', offset);
}

function enterTypes(
  scope: Scope,
  side: 'import' | 'export',
  boundary: Boundary,
  parsed: ExternName,
  name: string,
  type: ExternType,
  offset: number,
  budget: Budget,
): ExternType {
  const isRoot = scope.kind === 'component' && scope.parent === undefined;
  const invalid = (what: string): never => {
    throw new DecodeError(
      `${what} not valid to be used as ${side}: it mentions a type without a name`,
      offset,
    );
  };
  const boundaries = side === 'import' ? [scope.imports, scope.exports] : [scope.exports];
  const checksVisibility = scope.kind !== 'instance type';
  switch (type.kind) {
    case 'type': {
      const known = type.type;
      nameType(known, undefined, name, !isRoot);
      if (known.kind === 'resource') {
        boundary.resources.set(parsed.kind === 'label' ? parsed.name : name, known);
        if (side === 'import' || !scope.ownResources.includes(known))
          for (const one of boundaries) one.visibleResources.add(known);
        return type;
      }
      if (!isValueType(known)) {
        if (checksVisibility && !definitionVisible(known as ExternType, boundary, budget)) invalid('type');
        return type;
      }
      if (checksVisibility && !partsVisible(known, boundary, budget)) invalid('type');
      if (!checksVisibility || boundary.visible.has(known)) return type;
      const entered = { ...known };
      for (const one of boundaries) one.visible.add(entered);
      return { kind: 'type', type: entered };
    }
    case 'func':
      if (side === 'export' && type.params.length === 0 && type.result && containsBorrow(type.result))
        invalid('func');
      if (checksVisibility && !functionVisible(type, boundary, budget)) invalid('func');
      return type;
    case 'instance': {
      if (isRoot || side === 'export') nameExports(type, isRoot ? name : undefined);
      if (!checksVisibility) return type;
      for (const one of boundaries) showInstance(type, one);
      if (!instanceVisible(type, boundary, budget)) invalid('instance');
      return type;
    }
    default:
      return type;
  }
}

function nameExports(type: InstanceType, owner: string | undefined): void {
  for (const extern of type.exports) {
    if (extern.type.kind === 'type') nameType(extern.type.type, owner, extern.name, owner === undefined);
  }
}

function showInstance(type: InstanceType, boundary: Boundary): void {
  for (const extern of type.exports) {
    if (extern.type.kind === 'instance') showInstance(extern.type, boundary);
    if (extern.type.kind !== 'type') continue;
    const shown = extern.type.type;
    if (shown.kind === 'resource') boundary.visibleResources.add(shown);
    else boundary.visible.add(shown);
  }
}

/** Function and instance types may be imported and exported as types; an instance type shows its own exports. */
function definitionVisible(type: ExternType, boundary: Boundary, budget: Budget): boolean {
  if (type.kind === 'func') return functionVisible(type, boundary, budget);
  if (type.kind !== 'instance') return true;
  const within: Boundary = {
    ...boundary,
    visible: new Set(boundary.visible),
    visibleResources: new Set(boundary.visibleResources),
  };
  budget.spend(boundary.visible.size);
  showInstance(type, within);
  return instanceVisible(type, within, budget);
}

function instanceVisible(type: InstanceType, boundary: Boundary, budget: Budget): boolean {
  return type.exports.every((extern) => {
    budget.spend(1);
    if (extern.type.kind === 'func') return functionVisible(extern.type, boundary, budget);
    if (extern.type.kind === 'instance') return instanceVisible(extern.type, boundary, budget);
    if (extern.type.kind !== 'type' || !isValueType(extern.type.type)) return true;
    return partsVisible(extern.type.type, boundary, budget);
  });
}

function functionVisible(type: FunctionType, boundary: Boundary, budget: Budget): boolean {
  for (const param of type.params) if (!visible(param.type, boundary, budget)) return false;
  return type.result === undefined || visible(type.result, boundary, budget);
}

function visible(type: ValueType, boundary: Boundary, budget: Budget): boolean {
  switch (type.kind) {
    case 'record':
    case 'variant':
    case 'enum':
    case 'flags':
      return boundary.visible.has(type);
    case 'own':
    case 'borrow':
      return boundary.visible.has(type) || boundary.visibleResources.has(type.resource);
    default:
      return partsVisible(type, boundary, budget);
  }
}

function partsVisible(type: ValueType, boundary: Boundary, budget: Budget): boolean {
  budget.spend(1);
  if (type.kind === 'own' || type.kind === 'borrow') return visible(type, boundary, budget);
  return partsOf(type).every((part) => visible(part, boundary, budget));
}

function checkResourceFunction(
  parsed: Extract<ExternName, { resource: string }>,
  name: string,
  type: FunctionType,
  boundary: Boundary,
  offset: number,
): void {
  const mismatch = resourceFunctionMismatch(parsed, type, boundary);
  if (mismatch) throw new DecodeError(`function \`${name}\`: ${mismatch}`, offset);
}

function resourceFunctionMismatch(
  parsed: Extract<ExternName, { resource: string }>,
  type: FunctionType,
  boundary: Boundary,
): string | undefined {
  const resource = boundary.resources.get(parsed.resource);
  if (!resource)
    return `static resource name is not known in this context: there is no resource \`${parsed.resource}\` before it`;
  if (parsed.kind === 'constructor') {
    const made = type.result?.kind === 'result' ? type.result.ok : type.result;
    if (made?.kind !== 'own') return 'should return one value, `(own $T)` or a result of it';
    if (made.resource !== resource) return 'function does not match expected resource name';
  }
  if (parsed.kind === 'method') {
    const self = type.params[0];
    if (!self) return 'should have at least one argument';
    if (self.name !== 'self') return `should have a first argument called \`self\`, found \`${self.name}\``;
    if (self.type.kind !== 'borrow') return 'should take a first argument of `(borrow $T)`';
    if (self.type.resource !== resource) return 'method resource is not the one of its name';
  }
  return undefined;
}
