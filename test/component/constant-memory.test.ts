/** Nothing of a call, and nothing of an instance that was let go, stays in memory. */
import { expect, test } from 'vitest';
import { growth } from '../bench/endurance/endurance.ts';

/** bytes */
const tolerated = { rss: 8 * 2 ** 20, heap: 2 ** 18 };

test.each([
  ['calls', 1_000_000],
  ['instances', 5_000],
] as const)('%s, %i of them, leave memory as it was', { timeout: 60_000 }, async (what, times) => {
  const { rss, heap } = await growth(what, times);
  expect(rss).toBeLessThan(tolerated.rss);
  expect(heap).toBeLessThan(tolerated.heap);
});
