/**
 * Faults in the log, once per burst: the first of several equal ones is told at once, the others are
 * counted, and told of together every ten seconds for as long as they go on. An extension that faults a
 * thousand times a second does not fill a disk.
 */
import type { Logger } from 'pino';
import type { Clock, Timer } from '../clock.ts';
import type { Fault } from './fault.ts';

const BURST_MS = 10_000;

export class FaultLog {
  readonly #log: Logger;
  readonly #clock: Clock;
  /** What the faults of the present burst have in common. */
  #key: string | undefined;
  #last: Fault | undefined;
  #repeats = 0;
  #timer: Timer | undefined;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Faults are equal when they are of one kind and happened in the same function. */
  tell(fault: Fault, restartInMs: number | undefined): void {
    const key = `${fault.detail} ${fault.function}`;
    if (key === this.#key) {
      this.#last = fault;
      this.#repeats++;
      return;
    }
    this.end();
    this.#log.warn({ fault, restartInMs }, `extension faulted: ${fault.message}`);
    this.#key = key;
    this.#timer = this.#clock.every(BURST_MS, () => {
      if (this.#repeats === 0) this.end();
      else this.#tellRepeats();
    });
  }

  /** End the burst: tell of what was counted. */
  end(): void {
    if (this.#repeats > 0) this.#tellRepeats();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#key = undefined;
    this.#last = undefined;
  }

  #tellRepeats(): void {
    const repeats = this.#repeats;
    this.#repeats = 0;
    this.#log.warn(
      { fault: this.#last, repeats },
      `extension faulted ${repeats === 1 ? 'once' : `${repeats} times`} more: ${this.#last?.message}`,
    );
  }
}
