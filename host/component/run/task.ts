/**
 * Tasks, subtasks and what they wait for: CanonicalABI.md, "Tasks", "Waitable State", "Subtask State".
 *
 * A `Task` is one call into a guest. A `Subtask` is the same call as the guest that made it sees it.
 * What cannot go on is a `Waiter`: `attempt` takes what it waits for, at once and whole, and then its
 * continuation runs in a microtask, when no guest code is on the stack.
 */
import { trap } from './fault.ts';
import type { ResourceHandle } from './handles.ts';
import { BorrowScope } from './handles.ts';
import type { ComponentInstance } from './instance.ts';

export type TaskState = 'initial' | 'started' | 'pending-cancel' | 'cancel-delivered' | 'resolved';

/** Instead of a value: the callee confirmed that it was cancelled. */
export const cancelled: unique symbol = Symbol('cancelled');

export class Task {
  readonly instance: ComponentInstance;
  /** Thread-local storage: `context.get` and `context.set`. */
  readonly storage: [number, number] = [0, 0];
  state: TaskState = 'initial';
  /** Borrowed handles that the callee was lent for this call. */
  readonly scope = new BorrowScope();
  /** What `task.return` must match; undefined when the task was lifted without `async`. */
  readonly returns: object | undefined;
  readonly #onResolve: (value: unknown) => void;

  constructor(instance: ComponentInstance, returns: object | undefined, onResolve: (value: unknown) => void) {
    this.instance = instance;
    this.returns = returns;
    this.#onResolve = onResolve;
  }

  resolve(value: unknown): void {
    if (this.state === 'resolved')
      trap('task-misuse', '`task.return` or `task.cancel` called more than once');
    this.scope.checkReturned();
    this.state = 'resolved';
    this.#onResolve(value);
  }

  cancel(): void {
    if (this.state !== 'cancel-delivered') {
      trap('task-misuse', '`task.cancel` called by task which has not been cancelled');
    }
    this.resolve(cancelled);
  }

  /** Take a cancellation that was asked for and not yet told. */
  takeCancel(cancellable: boolean): boolean {
    if (!cancellable || this.state !== 'pending-cancel') return false;
    this.state = 'cancel-delivered';
    return true;
  }
}

/** Something that waits. */
export interface Waiter {
  readonly task: Task;
  readonly cancellable: boolean;
  /** Take what is waited for, if it is there; the continuation is then on its way. */
  attempt(): boolean;
  /** Go on with the news that the task is cancelled. */
  cancel(): void;
}

export type Event = readonly [code: number, first: number, second: number];

export const eventCodes = { none: 0, subtask: 1, cancelled: 6 } as const;

export class Waitable {
  pending: (() => Event) | undefined;
  set: WaitableSet | undefined;
  hasSyncWaiter = false;

  takeEvent(): Event {
    const event = this.pending!;
    this.pending = undefined;
    return event();
  }

  join(set: WaitableSet | undefined): void {
    this.set?.members.delete(this);
    this.set = set;
    set?.members.add(this);
  }
}

export class WaitableSet {
  readonly members = new Set<Waitable>();
  waiting = 0;

  takeEvent(): Event | undefined {
    for (const member of this.members) if (member.pending) return member.takeEvent();
    return undefined;
  }

  drop(): void {
    if (this.members.size > 0) trap('task-misuse', 'cannot drop waitable set: it still has waitables');
    if (this.waiting > 0) trap('task-misuse', 'cannot drop waitable set: it is being waited on');
  }
}

export const subtaskStates = {
  starting: 0,
  started: 1,
  returned: 2,
  cancelledBeforeStarted: 3,
  cancelledBeforeReturned: 4,
} as const;

export class Subtask extends Waitable {
  state: number = subtaskStates.starting;
  cancellationRequested = false;
  /** Asks the callee to stop. */
  requestCancel: () => void = () => {};
  /** What the caller lent for the call; undefined once the caller has been told that it ended. */
  lent: BorrowScope | undefined = new BorrowScope();

  get resolved(): boolean {
    return this.state >= subtaskStates.returned;
  }

  get delivered(): boolean {
    return this.lent === undefined;
  }

  lend(handle: ResourceHandle): void {
    this.lent?.lend(handle);
  }

  deliver(): void {
    this.lent?.end();
    this.lent = undefined;
  }

  drop(): void {
    if (!this.delivered) trap('task-misuse', 'cannot drop a subtask which has not yet resolved');
    this.join(undefined);
  }
}
