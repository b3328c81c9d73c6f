/** The system clock waits for as long as it is asked to, beyond what the platform's timers can. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../host/clock.ts';

const DAY = 24 * 3_600_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([1, 10, 20 * DAY, 49 * DAY, 100 * DAY])('after %d ms, not earlier', (delay) => {
  const due = vi.fn();
  systemClock.after(delay, due);
  vi.advanceTimersByTime(delay - 1);
  expect(due).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(due).toHaveBeenCalledOnce();
});

test.each([10, 40 * DAY])('every %d ms, until cancelled', (period) => {
  const due = vi.fn();
  const timer = systemClock.every(period, due);
  vi.advanceTimersByTime(3 * period);
  expect(due).toHaveBeenCalledTimes(3);
  timer.cancel();
  vi.advanceTimersByTime(3 * period);
  expect(due).toHaveBeenCalledTimes(3);
});

test('a long wait that is cancelled half-way never ends', () => {
  const due = vi.fn();
  const timer = systemClock.after(60 * DAY, due);
  vi.advanceTimersByTime(30 * DAY);
  timer.cancel();
  vi.advanceTimersByTime(60 * DAY);
  expect(due).not.toHaveBeenCalled();
});
