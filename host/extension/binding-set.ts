/**
 * All bindings of one component instance and its replacements: made once for each contract, pointed
 * together to a fresh instance, to what throws while there is none, or to an instance on trial.
 */
import type { CapabilityContract } from '../capability/contract.ts';
import type { CapabilityError } from '../capability/errors.ts';
import type { Clock } from '../clock.ts';
import type { Component, Exports } from '../component/component.ts';
import { type BindingOwner, makeBinding, pointTo, type Slot } from './binding.ts';
import { exportedInterfaces, functionsOf } from './provider.ts';

type Target = Slot['target'];

/** What the set asks of its supervisor. */
export interface SetOwner {
  /** The error that a consumer sees when the call through `slot`, which began at `began`, threw `error`. */
  failed(slot: Slot, error: unknown, began: number): unknown;
  /** The error of a call that finds no instance, or whose instance went away. */
  refusal(slot: Slot): CapabilityError;
}

export class BindingSet implements BindingOwner {
  readonly #component: Component;
  readonly #clock: Clock;
  readonly #owner: SetOwner;
  readonly #bindings = new Map<CapabilityContract<unknown>, unknown>();
  readonly #slots: Slot[] = [];
  readonly #downs = new Map<Slot, Target>();
  /** Calls that may be suspended. */
  readonly #suspended = new Set<{ readonly slot: Slot; readonly reject: (error: CapabilityError) => void }>();

  /** Calls that found no instance. */
  unavailable = 0;

  turnBegan = 0;

  constructor(component: Component, clock: Clock, owner: SetOwner) {
    this.#component = component;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Whether a call may be suspended. */
  get hasSuspended(): boolean {
    return this.#suspended.size > 0;
  }

  get calls(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.calls, 0);
  }

  /** The binding of `contract`, the same one each time, pointing to `exports` if there are any. */
  bind<T>(contract: CapabilityContract<T>, exports: Exports | undefined): T {
    const known = this.#bindings.get(contract);
    if (known !== undefined) return known as T;
    const type = exportedInterfaces(this.#component.type).get(contract.interface)!;
    const { binding, slots } = makeBinding(contract, functionsOf(type), this, (slot) => () => {
      this.unavailable++;
      throw this.#owner.refusal(slot);
    });
    for (const slot of slots) {
      this.#slots.push(slot);
      this.#downs.set(slot, slot.target);
      if (exports !== undefined) pointTo(slot, exports);
    }
    this.#bindings.set(contract, binding);
    return binding;
  }

  /** Point every slot to a fresh instance. */
  pointTo(exports: Exports): void {
    for (const slot of this.#slots) pointTo(slot, exports);
  }

  /** Put what `guard` makes of each slot's target in its place. */
  guard(guard: (slot: Slot, target: Target) => Target): void {
    for (const slot of this.#slots) slot.target = guard(slot, slot.target);
  }

  /** There is no instance any more: calls throw, and those that wait are given up. */
  takeDown(): void {
    for (const slot of this.#slots) slot.target = this.#downs.get(slot)!;
    const calls = [...this.#suspended].map(({ slot, reject }) => ({
      reject,
      error: this.#owner.refusal(slot),
    }));
    if (calls.length === 0) return;
    // Later, so that the call that faulted, if it is one of these, is settled with its own fault.
    setImmediate(() => {
      for (const { reject, error } of calls) reject(error);
    });
  }

  failed(slot: Slot, error: unknown, began = this.turnBegan): unknown {
    return this.#owner.failed(slot, error, began);
  }

  beginTurn(): void {
    this.turnBegan = this.elapsed();
    setImmediate(() => {
      this.turnBegan = 0;
    }).unref();
  }

  elapsed(): number {
    return Number(this.#clock.monotonicNs()) / 1e6;
  }

  awaited(slot: Slot, call: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const suspended = { slot, reject };
      this.#suspended.add(suspended);
      call.then(resolve, reject).finally(() => this.#suspended.delete(suspended));
    });
  }
}
