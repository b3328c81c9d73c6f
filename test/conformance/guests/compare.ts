/** Every function of a component, called with the same random arguments in ours and in jco. */
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { Instance } from '../../../host/component/component.ts';
import { camelCase, pascalCase } from '../../../host/component/names.ts';
import type { ComponentType, FunctionType, ResourceType } from '../../../host/component/types.ts';
import { type Backend, backends, type Compiled } from '../backend.ts';
import { anyHost } from './any-host.ts';
import { anyArguments, HandleOf, NoValue, plainValue, withHandles } from './any-value.ts';

export interface FunctionReport {
  /** `interface#function` */
  readonly name: string;
  /** Both return the same; both trap; they do not agree; it cannot be called from outside. */
  readonly outcome: 'same' | 'both trap' | 'differs' | 'not called';
  readonly detail: string;
}

const callsPerFunction = 20;

interface Target {
  /** Undefined for what stands in the world itself. */
  readonly owner: string | undefined;
  readonly name: string;
  readonly type: FunctionType;
}

/** @throws DecodeError or UnsupportedError where ours does not compile the component */
export async function compareGuest(bytes: Uint8Array, seed: number): Promise<FunctionReport[]> {
  const ours = await backends.weir!.compile(bytes);
  const theirs = await backends.jco!.compile(bytes);
  const type = ours.type!;
  const reports: FunctionReport[] = [];
  for (const target of targetsOf(type)) {
    const name = target.owner === undefined ? target.name : `${target.owner}#${target.name}`;
    try {
      reports.push({ name, ...(await compareFunction(target, type, ours, theirs, seed)) });
    } catch (error) {
      if (!(error instanceof NoValue)) throw error;
      reports.push({ name, outcome: 'not called', detail: error.message });
    }
  }
  return reports;
}

function targetsOf(type: ComponentType): Target[] {
  return type.exports.flatMap(({ name, type }): Target[] => {
    if (type.kind === 'func') return [{ owner: undefined, name, type }];
    if (type.kind !== 'instance') return [];
    return type.exports.flatMap((inner) =>
      inner.type.kind === 'func' ? [{ owner: name, name: inner.name, type: inner.type }] : [],
    );
  });
}

async function compareFunction(
  target: Target,
  type: ComponentType,
  ours: Compiled,
  theirs: Compiled,
  seed: number,
): Promise<Omit<FunctionReport, 'name'>> {
  const drawn = fc.sample(anyArguments(target.type), { seed, numRuns: callsPerFunction });
  let trap = '';
  for (const args of drawn) {
    const mine = await outcomeOf(ours, backends.weir!, type, target, args);
    const other = await outcomeOf(theirs, backends.jco!, type, target, args);
    if (mine.text !== other.text) {
      const shown = inspect(args, { depth: 5 });
      return {
        outcome: 'differs',
        detail: `${shown}: ours ${mine.text}, jco ${other.text}\n${mine.trap ?? other.trap ?? ''}`,
      };
    }
    trap ||= mine.trap ?? '';
  }
  return { outcome: trap ? 'both trap' : 'same', detail: trap };
}

interface CallOutcome {
  /** What came back, as text; all traps are the same text. */
  readonly text: string;
  readonly trap?: string;
}

/** One call on a fresh instance, so that no trap spoils the next. */
async function outcomeOf(
  compiled: Compiled,
  backend: Backend,
  type: ComponentType,
  { owner, name }: Target,
  args: readonly unknown[],
): Promise<CallOutcome> {
  const host = anyHost(type);
  try {
    const instance = compiled.instantiate(host.imports);
    const make = (resource: ResourceType): unknown => {
      const given = host.classes.get(resource);
      return given ? new given() : constructed(resource, type, instance, make);
    };
    const real = args.map((arg) => withHandles(arg, make));
    return { text: shown(await callOf(instance, owner, name)(real)) };
  } catch (error) {
    if (error instanceof NoValue) throw error;
    if (error instanceof Error && 'payload' in error) return { text: `err ${shown(error.payload)}` };
    return { text: 'a trap', trap: `${backend.name}: ${(error as Error).message}` };
  }
}

type Methods = Record<string, (...args: unknown[]) => unknown>;

function callOf(instance: Instance, owner: string | undefined, name: string): (args: unknown[]) => unknown {
  const exports = instance.exports as Record<string, unknown>;
  const key = owner?.includes(':') ? owner : camelCase(owner ?? '');
  const holder = (owner === undefined ? exports : (exports[key] ?? exports[owner])) as Record<
    string,
    unknown
  >;
  const parsed = /^\[(constructor|method|static)\]([^.]+)(?:\.(.*))?$/.exec(name);
  if (!parsed) return (args) => (holder as Methods)[camelCase(name)]!(...args);
  const [, kind, resource, member = ''] = parsed;
  const made = holder[pascalCase(resource!)] as new (...all: unknown[]) => object;
  if (kind === 'constructor') return (args) => new made(...args);
  const method = camelCase(member);
  if (kind === 'static') {
    return (args) => (made as unknown as Methods)[method]!(...args);
  }
  return ([self, ...args]) => (self as Methods)[method]!(...args);
}

/** An object of a guest's resource, by its constructor and the plainest arguments. */
function constructed(
  resource: ResourceType,
  type: ComponentType,
  instance: Instance,
  make: (resource: ResourceType) => unknown,
): unknown {
  for (const target of targetsOf(type)) {
    const { result } = target.type;
    if (!target.name.startsWith('[constructor]') || result?.kind !== 'own' || result.resource !== resource)
      continue;
    const args = target.type.params.map((param) => plainValue(param.type, make));
    return callOf(instance, target.owner, target.name)(args);
  }
  throw new NoValue(`objects of ${resource.typeName?.name ?? 'a resource'}, which has no constructor`);
}

/** Text that is the same for the same value, whichever runtime made it. */
function shown(value: unknown): string {
  return (
    JSON.stringify(value, (_, item) => {
      if (typeof item === 'bigint') return `${item}n`;
      if (typeof item === 'number' && !Number.isFinite(item)) return String(item);
      if (Object.is(item, -0)) return '-0';
      if (ArrayBuffer.isView(item))
        return [item.constructor.name, ...Array.from(item as unknown as number[], String)];
      if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
      if (item instanceof HandleOf) return 'handle';
      // Classes of guests and hosts; records are plain.
      return Object.getPrototypeOf(item) === Object.prototype ? item : 'an object of a resource';
    }) ?? 'nothing'
  );
}
