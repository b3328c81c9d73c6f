/**
 * The index spaces of one scope (a component, a component type or an instance type) while it is
 * being validated, and what imports and exports have been seen in it. They only ever grow.
 */
import type { CoreExternType, CoreFunctionType, Sort } from '../decode/syntax.ts';
import { DecodeError } from '../errors.ts';
import type {
  ComponentType,
  CoreModuleType,
  Extern,
  FunctionType,
  InstanceType,
  ResourceType,
  ValueType,
} from '../types.ts';
import type { AnyType, Budget } from './substitute.ts';

export type DefinedType = ValueType | FunctionType | InstanceType | ComponentType | ResourceType;

export type CoreInstanceExports = ReadonlyMap<string, CoreExternType>;

export type ScopeKind = 'component' | 'component type' | 'instance type';

/** One side of a scope's boundary. */
export interface Boundary {
  readonly externs: Extern[];
  /** Uniqueness keys of the names. */
  readonly names: Set<string>;
  /** Resources by their label: `[method]r.f` needs an `r`. */
  readonly resources: Map<string, ResourceType>;
  /** Named types and handles that a type on this side may mention. */
  readonly visible: Set<object>;
  /** Resources of which every mention is visible. */
  readonly visibleResources: Set<ResourceType>;
}

function boundary(): Boundary {
  return {
    externs: [],
    names: new Set(),
    resources: new Map(),
    visible: new Set(),
    visibleResources: new Set(),
  };
}

export class Scope {
  readonly kind: ScopeKind;
  readonly parent: Scope | undefined;
  readonly coreFuncs: CoreFunctionType[] = [];
  readonly coreTables: Extract<CoreExternType, { kind: 'table' }>[] = [];
  readonly coreMemories: Extract<CoreExternType, { kind: 'memory' }>[] = [];
  readonly coreGlobals: Extract<CoreExternType, { kind: 'global' }>[] = [];
  readonly coreTags: Extract<CoreExternType, { kind: 'tag' }>[] = [];
  readonly coreTypes: (CoreFunctionType | CoreModuleType)[] = [];
  readonly coreModules: CoreModuleType[] = [];
  readonly coreInstances: CoreInstanceExports[] = [];
  readonly funcs: FunctionType[] = [];
  readonly types: DefinedType[] = [];
  readonly components: ComponentType[] = [];
  readonly instances: InstanceType[] = [];
  readonly imports = boundary();
  readonly exports = boundary();
  /** Resources that imports stand for. */
  readonly importedResources: ResourceType[] = [];
  /** Resources that come into being with each instance. */
  readonly ownResources: ResourceType[] = [];
  /** Of these, the ones defined right here: only for them is there resource.new and resource.rep. */
  readonly localResources = new Set<ResourceType>();
  /** Type indices that an import or export introduced; only handles made from these are visible. */
  readonly namedIndices = new Map<number, 'import' | 'export'>();

  constructor(kind: ScopeKind, parent: Scope | undefined) {
    this.kind = kind;
    this.parent = parent;
  }

  /** The scope `count` steps out. */
  outer(count: number, offset: number): Scope {
    let scope: Scope = this;
    for (let i = 0; i < count; i++) {
      if (!scope.parent) throw new DecodeError(`invalid outer alias count of ${count}`, offset);
      scope = scope.parent;
    }
    return scope;
  }

  valueType(index: number, offset: number): ValueType {
    const type = at(this.types, index, 'type', offset);
    if (!isValueType(type)) throw new DecodeError(`type index ${index} is not a defined value type`, offset);
    return type;
  }

  functionType(index: number, offset: number): FunctionType {
    const type = at(this.types, index, 'type', offset);
    if (type.kind !== 'func') throw new DecodeError(`type index ${index} is not a function type`, offset);
    return type;
  }

  resource(index: number, offset: number): ResourceType {
    const type = at(this.types, index, 'type', offset);
    if (type.kind !== 'resource') throw new DecodeError(`type index ${index} is not a resource type`, offset);
    return type;
  }

  coreFunc(index: number, offset: number): CoreFunctionType {
    return at(this.coreFuncs, index, 'core function', offset);
  }
}

/** What stands at `index` of a space. */
export function at<T>(space: readonly T[], index: number, what: string, offset: number): T {
  const item = space[index];
  if (item === undefined) {
    throw new DecodeError(
      `unknown ${what} ${index}: ${what} index out of bounds (there are ${space.length})`,
      offset,
    );
  }
  return item;
}

export function isValueType(type: AnyType): type is ValueType {
  switch (type.kind) {
    case 'func':
    case 'instance':
    case 'component':
    case 'resource':
    case 'module':
    case 'type':
      return false;
    default:
      return true;
  }
}

/** The space of a component-level sort, or of core modules. */
export function spaceName(sort: Sort): string {
  return sort.replace('core func', 'core function').replace(/^func$/, 'function');
}

/** Type work that one component may cause; a real one of 10 MB needs a hundredth of it. */
const workLimit = 5_000_000;

export class WorkBudget implements Budget {
  #left = workLimit;

  spend(amount: number): void {
    this.#left -= amount;
    if (this.#left < 0)
      throw new DecodeError('effective type size exceeds the limit: the types are too large', 0);
  }
}
