/**
 * `weir:extension/timers`: timers of one component instance. They die with it.
 *
 * A timer that comes due is handed to `onDue`, always from the event loop, never from within a call
 * of the guest. Time stands still until `begin`: an instance may be made long before it is started.
 * Setting one timer too many is a fault: the interface has no way to say no.
 */
import type { Clock, Timer } from '../../clock.ts';
import { WeirError } from '../../errors.ts';
import { extensionErrors } from '../errors.ts';

interface Pending {
  readonly delayMs: number;
  readonly repeated: boolean;
  timer: Timer | undefined;
}

export class TimerService {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #onDue: (timer: number) => void;
  readonly #pending = new Map<number, Pending>();
  #last = 0;
  #begun = false;
  #closed = false;

  constructor(clock: Clock, limit: number, onDue: (timer: number) => void) {
    this.#clock = clock;
    this.#limit = limit;
    this.#onDue = onDue;
  }

  get pending(): number {
    return this.#pending.size;
  }

  readonly imports = {
    after: (delayMs: number): number => this.#set(delayMs, false),
    every: (periodMs: number): number => this.#set(Math.max(1, periodMs), true),
    cancel: (id: number): void => {
      this.#pending.get(id)?.timer?.cancel();
      this.#pending.delete(id);
    },
  };

  /** Let time begin: timers that were set before count from now. */
  begin(): void {
    this.#begun = true;
    for (const [id, pending] of this.#pending) this.#run(id, pending);
  }

  /** Forget all timers and take no new ones. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#pending.values()) timer?.cancel();
    this.#pending.clear();
  }

  #set(delayMs: number, repeated: boolean): number {
    const id = this.#newId();
    const pending = { delayMs, repeated, timer: undefined };
    this.#pending.set(id, pending);
    if (this.#begun) this.#run(id, pending);
    return id;
  }

  #run(id: number, pending: Pending): void {
    pending.timer = pending.repeated
      ? this.#clock.every(pending.delayMs, () => this.#onDue(id))
      : this.#clock.after(pending.delayMs, () => {
          this.#pending.delete(id);
          this.#onDue(id);
        });
  }

  #newId(): number {
    if (this.#closed) {
      throw new WeirError(
        extensionErrors.WEIR_EXTENSION_STOPPED,
        'a timer was set after the instance had been discarded',
      );
    }
    if (this.#pending.size >= this.#limit) {
      throw new WeirError(
        extensionErrors.WEIR_EXTENSION_TIMER_LIMIT,
        `more than ${this.#limit} timers were pending`,
        { hint: 'raise `limits: { timers: … }`, or have the guest cancel timers that it needs no more' },
      );
    }
    // Identifiers are u32 and come round after a long life; a `period` timer may still hold one.
    do this.#last = (this.#last + 1) >>> 0;
    while (this.#last === 0 || this.#pending.has(this.#last));
    return this.#last;
  }
}
