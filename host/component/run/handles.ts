/** The handle table of one component instance: CanonicalABI.md, "Table State" and "Resource State". */
import { trap } from './fault.ts';
import type { Resource } from './resource.ts';

/** Indices stay below this, so that their upper bits are free for the guest. */
const maxLength = 2 ** 28 - 1;

/** What happens to handles during one call: borrows that it gave out, and handles that it was lent. */
export class BorrowScope {
  /** Borrowed handles that the callee was given and has not dropped yet. */
  borrows = 0;
  #lenders: ResourceHandle[] | undefined;
  #cleanups: (() => void)[] | undefined;

  lend(handle: ResourceHandle): void {
    handle.lends++;
    this.#lenders ??= [];
    this.#lenders.push(handle);
  }

  /** Run when the call ends, whatever its end. */
  atEnd(cleanup: () => void): void {
    this.#cleanups ??= [];
    this.#cleanups.push(cleanup);
  }

  /** The callee returns: it must have dropped what it borrowed. */
  checkReturned(): void {
    if (this.borrows > 0) {
      trap(
        'borrow-outlives-call',
        `borrow handles still remain at the end of the call: ${this.borrows} of them`,
      );
    }
  }

  end(): void {
    if (this.#lenders) for (const handle of this.#lenders) handle.lends--;
    this.#lenders = undefined;
    if (this.#cleanups) for (const cleanup of this.#cleanups) cleanup();
    this.#cleanups = undefined;
  }
}

export class ResourceHandle {
  readonly resource: Resource;
  readonly rep: number;
  /** Borrowed handles know the call that they were lent to. */
  readonly scope: BorrowScope | undefined;
  lends = 0;

  constructor(resource: Resource, rep: number, scope: BorrowScope | undefined) {
    this.resource = resource;
    this.rep = rep;
    this.scope = scope;
  }

  get own(): boolean {
    return this.scope === undefined;
  }
}

/** How many handles the component instances of one root may have together. */
export class HandleBudget {
  readonly #limit: number;
  #live = 0;

  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  take(): void {
    if (this.#live >= this.#limit) trap('too-many-handles', `more than ${this.#limit} handles are live`);
    this.#live++;
  }

  give(): void {
    this.#live--;
  }
}

/** Everything that an index of a component instance can name. */
export class HandleTable {
  /** Index 0 is never given out. */
  readonly #slots: (object | undefined)[] = [undefined];
  readonly #free: number[] = [];
  readonly #budget: HandleBudget;

  constructor(budget: HandleBudget) {
    this.#budget = budget;
  }

  get size(): number {
    return this.#slots.length - 1 - this.#free.length;
  }

  add(entry: object): number {
    this.#budget.take();
    const free = this.#free.pop();
    if (free !== undefined) {
      this.#slots[free] = entry;
      return free;
    }
    if (this.#slots.length > maxLength) trap('unknown-handle', 'the handle table is full');
    return this.#slots.push(entry) - 1;
  }

  get(index: number): object {
    const entry = this.#slots[index >>> 0];
    if (entry === undefined) trap('unknown-handle', `unknown handle index ${index >>> 0}`);
    return entry;
  }

  remove(index: number): object {
    const entry = this.get(index);
    this.#slots[index >>> 0] = undefined;
    this.#budget.give();
    this.#free.push(index >>> 0);
    return entry;
  }

  /** The handle of a resource at `index`. */
  resource(index: number, resource: Resource): ResourceHandle {
    const entry = this.get(index);
    if (!(entry instanceof ResourceHandle)) {
      trap('wrong-handle-type', `handle index ${index >>> 0} used with the wrong type, expected a resource`);
    }
    if (entry.resource !== resource) {
      const expected = resource.impl ? 'guest-defined resource' : 'host-defined resource';
      const found = entry.resource.impl ? 'a different guest-defined resource' : 'a host-defined resource';
      trap(
        'wrong-handle-type',
        `handle index ${index >>> 0} used with the wrong type, expected ${expected} but found ${found}`,
      );
    }
    return entry;
  }

  /** Give up an owned handle: its representation. */
  takeOwn(index: number, resource: Resource): number {
    const handle = this.resource(index, resource);
    if (handle.lends > 0) trap('handle-lent', 'cannot remove owned resource while borrowed');
    if (!handle.own) trap('handle-not-owned', 'cannot lift own resource from a borrow');
    this.remove(index);
    return handle.rep;
  }

  addOwn(resource: Resource, rep: number): number {
    return this.add(new ResourceHandle(resource, rep, undefined));
  }

  addBorrow(resource: Resource, rep: number, scope: BorrowScope): number {
    scope.borrows++;
    return this.add(new ResourceHandle(resource, rep, scope));
  }
}
