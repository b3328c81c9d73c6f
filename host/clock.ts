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

/** The platform's timers take no longer delay; beyond it they come due at once. */
const PLATFORM_DELAY_MAX_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicNs: () => process.hrtime.bigint(),
  after(delayMs, callback) {
    let handle: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, PLATFORM_DELAY_MAX_MS);
      handle = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : callback()), stepMs);
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  every(periodMs, callback) {
    if (periodMs <= PLATFORM_DELAY_MAX_MS) {
      const handle = setInterval(callback, periodMs);
      return { cancel: () => clearInterval(handle) };
    }
    const again = (): Timer =>
      systemClock.after(periodMs, () => {
        timer = again();
        callback();
      });
    let timer = again();
    return { cancel: () => timer.cancel() };
  },
};
