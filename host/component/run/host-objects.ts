/**
 * Resources as the host sees them. A guest's resource comes out as an object of a class made for it;
 * a resource of the host stays the host's own object, which guests know by number.
 */
import { wrong } from '../bind/values.ts';
import { TrapError } from '../errors.ts';
import type { BorrowScope } from './handles.ts';
import type { ComponentInstance } from './instance.ts';
import type { HandleFace, Resource } from './resource.ts';

/** What an object of a guest's resource stands for; absent on the prototype itself. */
const standsFor = Symbol('resource');

interface Stand {
  readonly resource: Resource;
  readonly rep: number;
  /** Borrowed objects end with the call that lent them; owned ones when they are given away or disposed. */
  state: 'owned' | 'borrowed' | 'gone';
}

type GuestObject = { [standsFor]?: Stand };

function standOf(value: unknown, resource: Resource): Stand {
  const stand = typeof value === 'object' && value !== null ? (value as GuestObject)[standsFor] : undefined;
  if (stand?.resource !== resource) return wrong(`an object of the resource ${resource.name}`, value);
  if (stand.state === 'gone')
    return wrong(`a live ${resource.name}, and this one was disposed or given away`, value);
  return stand;
}

/** The face of a guest's resource towards the host. `prototype` is that of its class. */
export function guestResourceFace(resource: Resource, prototype: object): HandleFace {
  const makeObject = (rep: number, state: Stand['state']): GuestObject => {
    const object = Object.create(prototype) as GuestObject;
    object[standsFor] = { resource, rep, state };
    return object;
  };
  return {
    liftOwn: (instance, index) => makeObject(instance.handles.takeOwn(index, resource), 'owned'),
    liftBorrow(instance, index, scope) {
      const handle = instance.handles.resource(index, resource);
      scope.lend(handle);
      const object = makeObject(handle.rep, 'borrowed');
      scope.atEnd(() => {
        object[standsFor]!.state = 'gone';
      });
      return object;
    },
    lowerOwn(instance, value) {
      const stand = standOf(value, resource);
      if (stand.state !== 'owned') return wrong(`an owned ${resource.name}, and this one is borrowed`, value);
      stand.state = 'gone';
      return instance.handles.addOwn(resource, stand.rep);
    },
    lowerBorrow(instance, value, scope) {
      const { rep } = standOf(value, resource);
      return instance === resource.impl ? rep : instance.handles.addBorrow(resource, rep, scope);
    },
  };
}

/** `object[Symbol.dispose]()`: run the guest's destructor. Disposing twice is harmless. */
export function disposeGuestObject(object: unknown): void {
  const stand = (object as GuestObject)[standsFor];
  if (stand?.state !== 'owned') return;
  stand.state = 'gone';
  stand.resource.destroy(stand.rep, undefined);
}

/** The host's objects that guests of one root hold, by number. */
export class HostObjects {
  readonly #objects: unknown[] = [];
  readonly #free: number[] = [];

  add(object: unknown): number {
    const free = this.#free.pop();
    if (free === undefined) return this.#objects.push(object) - 1;
    this.#objects[free] = object;
    return free;
  }

  get(rep: number): unknown {
    return this.#objects[rep];
  }

  take(rep: number): unknown {
    const object = this.#objects[rep];
    this.#objects[rep] = undefined;
    this.#free.push(rep);
    return object;
  }

  get size(): number {
    return this.#objects.length - this.#free.length;
  }
}

type Class = abstract new (...args: never[]) => unknown;

/** The face of a host's resource towards the host itself: its objects go in and come out as they are. */
export function hostResourceFace(
  resource: Resource,
  objects: HostObjects,
  given: Class | undefined,
): HandleFace {
  const check = (value: unknown): unknown => {
    const fits = given ? value instanceof given : typeof value === 'object' && value !== null;
    return fits ? value : wrong(`an object of the class ${resource.name}`, value);
  };
  return {
    liftOwn: (instance, index) => objects.take(instance.handles.takeOwn(index, resource)),
    liftBorrow(instance, index, scope) {
      const handle = instance.handles.resource(index, resource);
      scope.lend(handle);
      return objects.get(handle.rep);
    },
    lowerOwn: (instance, value) => instance.handles.addOwn(resource, objects.add(check(value))),
    lowerBorrow(instance: ComponentInstance, value: unknown, scope: BorrowScope) {
      const rep = objects.add(check(value));
      scope.atEnd(() => objects.take(rep));
      return instance.handles.addBorrow(resource, rep, scope);
    },
  };
}

/** The last guest that owned a host's object dropped it. */
export function disposeHostObject(objects: HostObjects, rep: number, name: string): void {
  const object = objects.take(rep) as Partial<Disposable> | undefined;
  try {
    object?.[Symbol.dispose]?.();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new TrapError(`disposing a ${name} threw: ${message}`, { cause: error, kind: 'import-threw' });
  }
}
