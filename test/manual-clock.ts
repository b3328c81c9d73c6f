/** A clock that stands still until a test advances it. Timers come due in order of time, then of setting. */
import type { Clock, Timer } from '../host/clock.ts';

interface Pending {
  due: number;
  readonly order: number;
  readonly period: number | undefined;
  readonly callback: () => void;
}

export class ManualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonicNs(): bigint {
    return BigInt(Math.round(this.#now * 1e6));
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#add(delayMs, undefined, callback);
  }

  every(periodMs: number, callback: () => void): Timer {
    return this.#add(periodMs, Math.max(1, periodMs), callback);
  }

  /** How many timers are waiting. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /**
   * Move time on by `ms`, running what comes due on the way. Between timers the event loop gets a
   * turn, so that promises settled by one timer are seen before the next.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const next = [...this.#pending].sort((a, b) => a.due - b.due || a.order - b.order)[0];
      if (next === undefined || next.due > end) break;
      this.#now = Math.max(this.#now, next.due);
      if (next.period === undefined) this.#pending.delete(next);
      else next.due += next.period;
      next.callback();
    }
    this.#now = end;
  }

  #add(delayMs: number, period: number | undefined, callback: () => void): Timer {
    const entry: Pending = { due: this.#now + Math.max(0, delayMs), order: this.#order++, period, callback };
    this.#pending.add(entry);
    return { cancel: () => this.#pending.delete(entry) };
  }
}
