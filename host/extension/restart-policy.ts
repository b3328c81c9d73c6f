/**
 * Whether and when a component instance that faulted is replaced: at once after the first fault of a
 * window, after a wait that doubles at each further one, and not at all after too many.
 */
import type { RestartConfig } from '../config/model.ts';

export class RestartPolicy {
  readonly #config: RestartConfig;
  readonly #random: () => number;
  /** When the faults of the window happened, ms, oldest first. */
  #faults: number[] = [];

  /** `random` answers numbers in [0, 1). */
  constructor(config: RestartConfig, random: () => number) {
    this.#config = config;
    this.#random = random;
  }

  /** A fault happened at `now` (ms): how long to wait, ms, or undefined when it was one too many. */
  next(now: number): number | undefined {
    const { max, windowMs, backoff } = this.#config;
    const inWindow = this.#faults.findIndex((at) => now - at < windowMs);
    this.#faults = inWindow === -1 ? [] : this.#faults.slice(inWindow);
    this.#faults.push(now);
    const count = this.#faults.length;
    if (count > max) return undefined;
    if (count === 1) return 0;
    const full = Math.min(backoff.maxMs, backoff.initialMs * 2 ** Math.min(count - 2, 32));
    return full * (1 - backoff.jitter * this.#random());
  }

  /** Forget the faults: what comes next is a first one again. */
  forget(): void {
    this.#faults = [];
  }
}
