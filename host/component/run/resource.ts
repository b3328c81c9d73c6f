/**
 * A resource type of one live root instance. Guests define some; the host stands behind others,
 * which then keep the host's objects by number.
 */
import type { ComponentInstance } from './instance.ts';

/** How handles of one resource cross one side of a call. `value` is what the other side sees. */
export interface HandleFace {
  liftOwn(instance: ComponentInstance, index: number): unknown;
  liftBorrow(instance: ComponentInstance, index: number, scope: import('./handles.ts').BorrowScope): unknown;
  lowerOwn(instance: ComponentInstance, value: unknown): number;
  lowerBorrow(instance: ComponentInstance, value: unknown, scope: import('./handles.ts').BorrowScope): number;
}

export class Resource {
  /** The instance that defines it; undefined for the host's. */
  readonly impl: ComponentInstance | undefined;
  readonly name: string;
  /** Called with a representation when its last owner drops it. */
  readonly destroy: (rep: number, caller: ComponentInstance | undefined) => void;

  constructor(
    impl: ComponentInstance | undefined,
    name: string,
    destroy: (rep: number, caller: ComponentInstance | undefined) => void,
  ) {
    this.impl = impl;
    this.name = name;
    this.destroy = destroy;
  }

  /** Between two guests: a representation passes as it is. */
  readonly guestFace: HandleFace = {
    liftOwn: (instance, index) => instance.handles.takeOwn(index, this),
    liftBorrow: (instance, index, scope) => {
      const handle = instance.handles.resource(index, this);
      scope.lend(handle);
      return handle.rep;
    },
    lowerOwn: (instance, value) => instance.handles.addOwn(this, value as number),
    lowerBorrow: (instance, value, scope) =>
      instance === this.impl ? (value as number) : instance.handles.addBorrow(this, value as number, scope),
  };
}
