/** The JavaScript class of a resource that a guest defines. Its functions are added as exports name them. */
import { pascalCase } from '../names.ts';
import { disposeGuestObject } from '../run/host-objects.ts';

type Construct = (...args: unknown[]) => unknown;
type ResourceClass = new (...args: unknown[]) => unknown;

const constructors = new WeakMap<ResourceClass, Construct>();

/** A class without functions; `new` works once `setConstructor` was called. */
export function resourceClass(label: string): ResourceClass {
  const made = class {
    constructor(...args: unknown[]) {
      const construct = constructors.get(made);
      if (!construct) throw new TypeError(`the resource ${label} has no constructor`);
      // biome-ignore lint/correctness/noConstructorReturn: the guest makes the object.
      return construct(...args) as never;
    }

    [Symbol.dispose](): void {
      disposeGuestObject(this);
    }
  };
  Object.defineProperty(made, 'name', { value: pascalCase(label) });
  return made;
}

export function setConstructor(made: ResourceClass, construct: Construct): void {
  constructors.set(made, construct);
}

/** Functions have names that the component chose: they are defined, never assigned. */
/** `method` takes its object as `this`. */
export function setMethod(made: ResourceClass, name: string, method: Construct): void {
  Object.defineProperty(made.prototype, name, { value: method, configurable: true, writable: true });
}

export function setStatic(made: ResourceClass, name: string, func: Construct): void {
  Object.defineProperty(made, name, { value: func, configurable: true, writable: true });
}
