/**
 * A bounded queue between two nodes. When it is full the sender waits (or is told so): that is
 * backpressure. One consumer, any number of senders; all on one thread.
 */

interface WaitingPut<T> {
  readonly item: T;
  readonly done: (taken: boolean) => void;
}

export class Channel<T> {
  readonly capacity: number;
  #items: T[] = [];
  #head = 0;
  #waiting: WaitingPut<T>[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  /** @param capacity how many items fit, at least 1 */
  constructor(capacity: number) {
    this.capacity = Math.max(1, Math.floor(capacity));
  }

  /** Items in the channel; senders that wait are not counted. */
  get size(): number {
    return this.#items.length - this.#head;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether `tryPut` would take an item now: there is room, and nobody waits for it. */
  get hasRoom(): boolean {
    return !this.#closed && this.size < this.capacity && this.#waiting.length === 0;
  }

  /** Put an item in if there is room and nobody waits for it. */
  tryPut(item: T): boolean {
    if (!this.hasRoom) return false;
    this.#items.push(item);
    this.wake();
    return true;
  }

  /** Put an item in, waiting for room in order of arrival. False when the channel was closed instead. */
  put(item: T): Promise<boolean> {
    if (this.tryPut(item)) return Promise.resolve(true);
    if (this.#closed) return Promise.resolve(false);
    return new Promise((done) => this.#waiting.push({ item, done }));
  }

  /** The oldest item, or undefined when there is none now. */
  take(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head] as T;
    this.#head += 1;
    if (this.#head === this.#items.length || this.#head >= 1024) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    } else {
      this.#items[this.#head - 1] = undefined as T;
    }
    const next = this.#waiting.shift();
    if (next !== undefined) {
      this.#items.push(next.item);
      next.done(true);
    }
    return item;
  }

  /** Resolves when there is an item, when the channel closes, or when `wake` is called. For the one consumer. */
  ready(): Promise<void> {
    if (this.size > 0 || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Let the consumer look again. */
  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Take nothing more in; senders that wait are refused. What is inside can still be taken. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.done(false);
    this.wake();
  }
}
