/**
 * The state of live component instances. A root is what the host instantiated; nested component
 * instances hang below it. Invariants:
 *
 * - `entered` is 1 while code of the instance, or of one nested in it, is on the stack;
 * - a poisoned root has `entered` 2 in every instance, for ever, and so is never entered again;
 * - `mayLeave` is false while `realloc` or `post-return` runs: these must not call imports.
 */
import type { Guard, InstanceLimits } from '../component.ts';
import { PoisonedError, TrapError } from '../errors.ts';
import { asTrap, genuineTrap } from './fault.ts';
import { HandleBudget, HandleTable } from './handles.ts';
import type { Task, Waiter } from './task.ts';

/** Tasks that always have something to do would otherwise keep timers and sockets waiting for ever. */
const hopsPerTurn = 64;

export class Root {
  poisonedBy: unknown;
  readonly instances: ComponentInstance[] = [];
  /** Calls that are under way and will never return once the root is poisoned. */
  readonly pending = new Set<(error: Error) => void>();
  /** Tasks that cannot go on yet, in the order in which they began to wait. */
  readonly #waiters = new Set<Waiter>();
  #hops = 0;
  readonly limits: InstanceLimits;
  readonly handleBudget: HandleBudget;
  readonly guard: Guard | undefined;
  /** Set while guest code runs that was resumed: what to give to `guard.leave`. */
  #resumed: number | undefined;
  readonly #onPoison: ((cause: unknown) => void) | undefined;

  constructor(onPoison: ((cause: unknown) => void) | undefined, limits: InstanceLimits = {}, guard?: Guard) {
    this.guard = guard;
    this.#onPoison = onPoison;
    this.limits = limits;
    this.handleBudget = new HandleBudget(limits.handles);
  }

  poison(cause: unknown): void {
    if (this.poisonedBy !== undefined) return;
    this.poisonedBy = cause;
    for (const instance of this.instances) instance.entered = 2;
    for (const abandon of this.pending) abandon(this.fault(cause, ''));
    this.pending.clear();
    this.#waiters.clear();
    this.#onPoison?.(cause);
  }

  /** Run a task's continuation when no guest code is on the stack. Many in a row let the event loop have its turn. */
  later(action: () => void): void {
    if (++this.#hops < hopsPerTurn) {
      queueMicrotask(action);
      return;
    }
    this.#hops = 0;
    setImmediate(action);
  }

  /** Guest code runs again on a stack that was suspended. */
  resumed(): void {
    this.#resumed ??= this.guard?.enter();
  }

  /** Guest code that was resumed ends, or is suspended again. */
  paused(): void {
    if (this.#resumed === undefined) return;
    this.guard!.leave(this.#resumed);
    this.#resumed = undefined;
  }

  /** Run guest code, however little, when none is on the stack. */
  guarded<T>(action: () => T): T {
    const { guard } = this;
    if (guard === undefined) return action();
    const entered = guard.enter();
    try {
      return action();
    } finally {
      guard.leave(entered);
    }
  }

  /** Wait, unless what is waited for is there already. */
  wait(waiter: Waiter): void {
    if (!waiter.attempt()) this.#waiters.add(waiter);
  }

  /** Something changed that a task may wait for. */
  poke(): void {
    for (const waiter of this.#waiters) if (waiter.attempt()) this.#waiters.delete(waiter);
  }

  /** Let a waiting task know that it is cancelled; false when it is not waiting, or does not want to know. */
  cancelWaiter(task: Task): boolean {
    for (const waiter of this.#waiters) {
      if (waiter.task !== task || !waiter.cancellable) continue;
      this.#waiters.delete(waiter);
      waiter.cancel();
      return true;
    }
    return false;
  }

  /** Something was thrown through guest code to the host: poison, and say what the host is to see. */
  fault(error: unknown, where: string): Error {
    if (this.poisonedBy === undefined) this.poison(this.#asTrap(error, where));
    return this.poisonedBy instanceof TrapError ? this.poisonedBy : new PoisonedError(this.poisonedBy);
  }

  /** Something was thrown that guest code would see: poison, and give the trap to throw instead. */
  abort(error: unknown, where: string): unknown {
    if (this.poisonedBy === undefined) this.poison(this.#asTrap(error, where));
    return genuineTrap;
  }

  #asTrap(error: unknown, where: string): TrapError {
    if (!(error instanceof WebAssembly.RuntimeError) || this.guard?.stopped() !== true) {
      return asTrap(error, where);
    }
    const message = `${where} ran longer than its deadline and was stopped`;
    return new TrapError(message, { cause: error, kind: 'deadline' });
  }

  /** Why an instance whose `entered` is not 0 cannot be entered by the host. */
  refusal(where: string): Error {
    if (this.poisonedBy !== undefined) return new PoisonedError(this.poisonedBy);
    const message = `cannot enter ${where}: code of the same component instance is on the stack`;
    return this.fault(new TrapError(message, { kind: 'cannot-enter' }), where);
  }
}

export class ComponentInstance {
  readonly root: Root;
  readonly parent: ComponentInstance | undefined;
  entered: 0 | 1 | 2 = 1;
  mayLeave = true;
  readonly handles: HandleTable;
  /** The task whose guest code runs here now, where the component can tell. */
  task: Task | undefined;
  /** Stands for the task that alone may run: one on the instance's own shadow stack. */
  exclusive: object | undefined;
  /** How often `backpressure.inc` was called more than `backpressure.dec`. */
  backpressure = 0;
  waitingToEnter = 0;

  constructor(root: Root, parent: ComponentInstance | undefined) {
    this.root = root;
    this.parent = parent;
    this.handles = new HandleTable(root.handleBudget);
    root.instances.push(this);
  }

  /** The instances that a call from `caller` (the host when undefined) enters: CanonicalABI.md, "Component Instances". */
  enteringSet(caller: ComponentInstance | undefined): ComponentInstance[] {
    const inside = new Set<ComponentInstance>();
    for (let at = caller; at; at = at.parent) inside.add(at);
    const entering: ComponentInstance[] = [];
    for (let at: ComponentInstance | undefined = this; at; at = at.parent)
      if (!inside.has(at)) entering.push(at);
    return entering;
  }
}
