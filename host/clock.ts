/**
 * Time as the host sees it. Whatever waits or measures takes a `Clock`, so that tests can drive
 * time by hand (`test/manual-clock.ts`) instead of sleeping.
 */

export interface Timer {
  /** Forget the timer; harmless when it has already come due. */
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Nanoseconds of a clock that never goes back. */
  monotonicNs(): bigint;
  /** Call `callback` once, after `delayMs`. */
  after(delayMs: number, callback: () => void): Timer;
  /** Call `callback` every `periodMs`. */
  every(periodMs: number, callback: () => void): Timer;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicNs: () => process.hrtime.bigint(),
  after(delayMs, callback) {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  every(periodMs, callback) {
    const handle = setInterval(callback, periodMs);
    return { cancel: () => clearInterval(handle) };
  },
};
