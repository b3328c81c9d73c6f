/**
 * A host for any component, made from the types of its imports: a function returns its argument where its type
 * allows it, and the plainest value otherwise; a resource is a class whose objects hold nothing.
 */
import { ComponentError } from '../../../host/component/errors.ts';
import { camelCase, pascalCase } from '../../../host/component/names.ts';
import { signature } from '../../../host/component/signature.ts';
import type {
  ComponentType,
  Extern,
  FunctionType,
  ResourceType,
  ValueType,
} from '../../../host/component/types.ts';
import { plainValue } from './any-value.ts';

type Class = new (...args: unknown[]) => object;
type Members = Record<string, unknown>;

export interface AnyHost {
  readonly imports: Members;
  /** The class of an imported resource. */
  readonly classes: ReadonlyMap<ResourceType, Class>;
}

export function anyHost(type: ComponentType): AnyHost {
  const classes = new Map<ResourceType, Class>();
  const imports: Members = {};
  addMembers(imports, type.imports, classes);
  return { imports, classes };
}

function addMembers(into: Members, externs: readonly Extern[], classes: Map<ResourceType, Class>): void {
  for (const { name, type } of externs) {
    if (type.kind === 'instance') {
      const members: Members = {};
      addMembers(members, type.exports, classes);
      into[name] = members;
    } else if (type.kind === 'func') addFunction(into, name, type, classes);
    else if (type.kind === 'type' && type.type.kind === 'resource') {
      const known = classes.get(type.type) ?? class {};
      classes.set(type.type, known);
      into[pascalCase(name)] = known;
    }
  }
}

function addFunction(
  into: Members,
  name: string,
  type: FunctionType,
  classes: Map<ResourceType, Class>,
): void {
  const parsed = /^\[(constructor|method|static)\]([^.]+)(?:\.(.*))?$/.exec(name);
  if (!parsed) {
    into[camelCase(name)] = respond(type, classes, 0);
    return;
  }
  const [, kind, resource, member] = parsed;
  if (kind === 'constructor') return;
  const holder = into[pascalCase(resource!)] as Class;
  const target = (kind === 'static' ? holder : holder.prototype) as Members;
  target[camelCase(member!)] = respond(type, classes, kind === 'static' ? 0 : 1);
}

/** @param self how many parameters `this` stands for */
function respond(type: FunctionType, classes: ReadonlyMap<ResourceType, Class>, self: number) {
  const textOf = (part: ValueType) => signature({ kind: 'func', async: false, params: [], result: part });
  const { result } = type;
  const given = type.params.slice(self).map((param) => textOf(param.type));
  const wanted = result ? textOf(result) : '';
  const echoes = given.length === 1 && given[0] === wanted && !wanted.includes('borrow<');
  return (...args: unknown[]) => {
    if (!result) return undefined;
    const value = echoes
      ? args[0]
      : plainValue(result, (resource) => new (classes.get(resource) ?? class {})());
    if (result.kind !== 'result') return value;
    const { tag, val } = value as { tag: string; val?: unknown };
    if (tag === 'err') throw new ComponentError(val);
    return val;
  };
}
