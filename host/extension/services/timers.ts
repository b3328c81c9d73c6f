/**
 * `weir:extension/timers`: timers of one component instance. They die with it.
 *
 * A timer that comes due is handed to `onDue`, always from the event loop, never from within a call
 * of the guest. Setting one timer too many is a fault: the interface has no way to say no.
 */
import type { Clock, Timer } from '../../clock.ts';
import { WeirError } from '../../errors.ts';
import { extensionErrors } from '../errors.ts';

export class TimerService {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #onDue: (timer: number) => void;
  readonly #pending = new Map<number, Timer>();
  #last = 0;
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
    after: (delayMs: number): number => {
      const id = this.#newId();
      const due = () => {
        this.#pending.delete(id);
        this.#onDue(id);
      };
      this.#pending.set(id, this.#clock.after(delayMs, due));
      return id;
    },
    every: (periodMs: number): number => {
      const id = this.#newId();
      this.#pending.set(
        id,
        this.#clock.every(Math.max(1, periodMs), () => this.#onDue(id)),
      );
      return id;
    },
    cancel: (id: number): void => {
      this.#pending.get(id)?.cancel();
      this.#pending.delete(id);
    },
  };

  /** Forget all timers and take no new ones. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#pending.values()) timer.cancel();
    this.#pending.clear();
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
