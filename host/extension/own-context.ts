/**
 * A clock whose callbacks run in the asynchronous context in which it was made. A timer that a guest
 * sets, or a restart that a fault schedules, begins inside the handling of some batch; what happens
 * when it comes due is not part of handling that batch, and must not be counted as such.
 */
import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../clock.ts';

export function clockInOwnContext(clock: Clock): Clock {
  const context = new AsyncResource('weir.extension');
  return {
    now: () => clock.now(),
    monotonicNs: () => clock.monotonicNs(),
    after: (delayMs, callback) => clock.after(delayMs, () => context.runInAsyncScope(callback)),
    every: (periodMs, callback) => clock.every(periodMs, () => context.runInAsyncScope(callback)),
  };
}
