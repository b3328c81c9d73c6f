/**
 * The asynchronous context in which an extension was made. A timer that a guest sets, or a replacement
 * that a fault brings about, begins inside the handling of some batch; what happens then is not part
 * of handling that batch, and must not be counted as such.
 */
import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../clock.ts';

export class OwnContext {
  readonly #resource = new AsyncResource('weir.extension');

  run<T>(callback: () => T): T {
    return this.#resource.runInAsyncScope(callback);
  }

  /** `clock`, with callbacks that run in this context. */
  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonicNs: () => clock.monotonicNs(),
      after: (delayMs, callback) => clock.after(delayMs, () => this.run(callback)),
      every: (periodMs, callback) => clock.every(periodMs, () => this.run(callback)),
    };
  }
}
