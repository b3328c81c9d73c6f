/** How long to wait before a component instance is replaced: doubled at each fault in a row, with jitter. */
import type { RestartConfig } from '../config/model.ts';

export class Backoff {
  readonly #config: RestartConfig;
  readonly #random: () => number;
  #streak = 0;
  #lastFault = Number.NEGATIVE_INFINITY;

  /** `random` answers numbers in [0, 1). */
  constructor(config: RestartConfig, random: () => number) {
    this.#config = config;
    this.#random = random;
  }

  /** A fault happened at `now` (ms): how long to wait, ms. Between half of the full wait and all of it. */
  next(now: number): number {
    if (now - this.#lastFault >= this.#config.resetAfterMs) this.#streak = 0;
    this.#lastFault = now;
    const full = Math.min(this.#config.maxMs, this.#config.initialMs * 2 ** this.#streak);
    // The exponent stays small enough to be a number, however long a guest goes on faulting.
    this.#streak = Math.min(this.#streak + 1, 32);
    return full / 2 + (full / 2) * this.#random();
  }
}
