/** A bucket that a timer refills while consumers take from it. */
import { expect, test } from 'vitest';
import { RateLimiter } from '../../../host/capability/contracts.ts';
import { superviseGuest } from '../../../test/guests/supervised-guest.ts';

async function limiter(config: object) {
  const { clock, binding } = await superviseGuest('rate-limiter', RateLimiter, config);
  return { clock, limiter: binding };
}

test('gives out what the bucket holds, all or nothing', async () => {
  const { limiter: guest } = await limiter({ capacity: 10 });
  expect(guest.tryAcquire(4)).toBe(true);
  expect(guest.tryAcquire(7)).toBe(false);
  expect(guest.tryAcquire(6)).toBe(true);
  expect(guest.tryAcquire(1)).toBe(false);
  expect(guest.tryAcquire(0)).toBe(true);
});

test('each interval puts back the refill, up to the capacity', async () => {
  const { clock, limiter: guest } = await limiter({ capacity: 10, refill: 3, interval_ms: 100 });
  expect(guest.tryAcquire(10)).toBe(true);
  await clock.advance(99);
  expect(guest.tryAcquire(1)).toBe(false);
  await clock.advance(1);
  expect(guest.tryAcquire(4)).toBe(false);
  expect(guest.tryAcquire(3)).toBe(true);
  await clock.advance(1_000);
  expect(guest.tryAcquire(11)).toBe(false);
  expect(guest.tryAcquire(10)).toBe(true);
});

test('the lifecycle and the consumers share one memory: what is taken and what is refilled add up', async () => {
  const { clock, limiter: guest } = await limiter({ capacity: 7, interval_ms: 10 });
  let taken = 0;
  for (let interval = 0; interval < 50; interval++) {
    for (let attempt = 0; attempt < 20; attempt++) if (guest.tryAcquire(1)) taken++;
    await clock.advance(10);
  }
  expect(taken).toBe(7 * 50);
});

test('the whole range of u32 counts', async () => {
  const { clock, limiter: guest } = await limiter({ capacity: 4294967295, interval_ms: 1 });
  expect(guest.tryAcquire(4294967295)).toBe(true);
  await clock.advance(5);
  expect(guest.tryAcquire(4294967295)).toBe(true);
  expect(guest.tryAcquire(1)).toBe(false);
});

test.each([
  [{}, 'capacity: expected a whole number from 1 to 4294967295; it is missing'],
  [{ capacity: 0 }, 'capacity: expected a whole number from 1 to 4294967295'],
  [{ capacity: 1.5 }, 'capacity: expected a whole number from 1 to 4294967295'],
  [{ capacity: 4294967296 }, 'capacity: expected a whole number from 1 to 4294967295'],
  [{ capacity: 1, refill: '1' }, 'refill: expected a whole number from 1 to 4294967295'],
  [{ capacity: 1, interval: 1 }, 'unknown key "interval"; known are "capacity", "refill" and "interval_ms"'],
])('refuses %j', async (config, message) => {
  await expect(limiter(config)).rejects.toThrow(message);
});
