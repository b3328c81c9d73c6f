/** Nothing of a call, and nothing of an instance that was let go, stays in memory. */
import { expect, test } from 'vitest';
import { growth } from '../bench/endurance/endurance.ts';

const tolerated = 8 * 2 ** 20;

test('a million calls leave memory as it was', { timeout: 60_000 }, async () => {
  expect(await growth('calls', 1_000_000)).toBeLessThan(tolerated);
});

test('ten thousand instances leave memory as it was', { timeout: 60_000 }, async () => {
  expect(await growth('instances', 10_000)).toBeLessThan(tolerated);
});
