/**
 * Bindings: what consumers hold. A binding is a stable object of plain functions; each goes through a
 * slot, which the supervisor re-points when it replaces the component instance behind it.
 *
 * This is the message path. A method is a call through one field inside a `try`; it allocates nothing
 * and looks nothing up. While the extension is down the slot holds a function that throws.
 */
import type { CapabilityContract } from '../capability/contract.ts';
import type { Exports } from '../component/component.ts';
import type { FunctionType } from '../component/types.ts';

// biome-ignore lint/suspicious/noExplicitAny: the contract gives functions their types.
type AnyFunction = (...args: any[]) => any;

/** One function of one contract. */
export interface Slot {
  readonly capability: string;
  /** As faults name it, e.g. `weir:capability/rate-limiter@0.1.0#tryAcquire`. */
  readonly function: string;
  readonly interface: string;
  readonly method: string;
  /** The live export, or what throws while there is none. */
  target: AnyFunction;
  calls: number;
}

/** What a binding asks of its supervisor. */
export interface BindingOwner {
  /** The error that a consumer sees when the call through `slot` threw `error`; `began` is when, where it was timed. */
  failed(slot: Slot, error: unknown, began?: number): unknown;
  /** Wait for a call that may suspend, no longer than the instance lives. */
  awaited(slot: Slot, call: Promise<unknown>): Promise<unknown>;
  /** When the first call in this turn of the event loop began; 0 before there is one. */
  readonly turnBegan: number;
  /** This is the first call. */
  beginTurn(): void;
  /** Milliseconds of a clock that never goes back. */
  elapsed(): number;
}

/** Make the binding of `contract`, its slots pointing to `down`. `functions` are the provider's, by camelCase name. */
export function makeBinding<T>(
  contract: CapabilityContract<T>,
  functions: ReadonlyMap<string, FunctionType>,
  owner: BindingOwner,
  down: (slot: Slot) => AnyFunction,
): { binding: T; slots: Slot[] } {
  const slots: Slot[] = [];
  const binding: Record<string, AnyFunction> = {};
  for (const method of Object.keys(contract.functions)) {
    const slot: Slot = {
      capability: contract.name,
      function: `${contract.interface}#${method}`,
      interface: contract.interface,
      method,
      target: unbound,
      calls: 0,
    };
    slot.target = down(slot);
    slots.push(slot);
    const type = functions.get(method)!;
    binding[method] = type.async ? asyncMethod(slot, owner) : syncMethod(slot, owner, type.params.length);
  }
  return { binding: Object.freeze(binding) as T, slots };
}

/** Point `slot` to the export of a fresh instance. */
export function pointTo(slot: Slot, exports: Exports): void {
  slot.target = exports[slot.interface]![slot.method];
}

function unbound(): never {
  throw new TypeError('a slot was called before it was pointed anywhere');
}

/** Rest parameters would allocate an array at each call, so there is one shape for each small arity. */
function syncMethod(slot: Slot, owner: BindingOwner, arity: number): AnyFunction {
  switch (arity) {
    case 0:
      return () => {
        slot.calls++;
        if (owner.turnBegan === 0) owner.beginTurn();
        try {
          return slot.target();
        } catch (error) {
          throw owner.failed(slot, error);
        }
      };
    case 1:
      return (a) => {
        slot.calls++;
        if (owner.turnBegan === 0) owner.beginTurn();
        try {
          return slot.target(a);
        } catch (error) {
          throw owner.failed(slot, error);
        }
      };
    case 2:
      return (a, b) => {
        slot.calls++;
        if (owner.turnBegan === 0) owner.beginTurn();
        try {
          return slot.target(a, b);
        } catch (error) {
          throw owner.failed(slot, error);
        }
      };
    case 3:
      return (a, b, c) => {
        slot.calls++;
        if (owner.turnBegan === 0) owner.beginTurn();
        try {
          return slot.target(a, b, c);
        } catch (error) {
          throw owner.failed(slot, error);
        }
      };
    default:
      return (...args) => {
        slot.calls++;
        if (owner.turnBegan === 0) owner.beginTurn();
        try {
          return slot.target(...args);
        } catch (error) {
          throw owner.failed(slot, error);
        }
      };
  }
}

function asyncMethod(slot: Slot, owner: BindingOwner): AnyFunction {
  return async (...args) => {
    slot.calls++;
    const began = owner.elapsed();
    try {
      return await owner.awaited(slot, slot.target(...args));
    } catch (error) {
      throw owner.failed(slot, error, began);
    }
  };
}
