/** Every input that once was a finding, replayed; and a short campaign of each target, from a fixed seed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seedsFolder, type Target } from './campaign.ts';
import { componentsTarget } from './components.ts';
import { configTarget } from './config.ts';
import { guestsTarget } from './guests.ts';
import { Random } from './random.ts';

/** Inputs of the short campaign. */
const INPUTS = 100;

// biome-ignore lint/suspicious/noExplicitAny: each target has inputs of its own.
const targets: readonly Target<any>[] = [componentsTarget, configTarget, guestsTarget];

describe.each(targets.map((target) => [target.name, target] as const))('%s', (name, target) => {
  const folder = join(seedsFolder, name);
  const saved = existsSync(folder) ? readdirSync(folder) : [];
  it.each(saved)('what was found once is found no more: %s', async (file) => {
    expect(await target.check(target.load(readFileSync(join(folder, file), 'utf8')))).toBeUndefined();
  });

  it(`${INPUTS} inputs`, async () => {
    for (let seed = 1; seed <= INPUTS; seed++) {
      const problem = await target.check(await target.draw(new Random(seed)));
      expect(problem && `seed ${seed}: ${problem}`).toBeUndefined();
    }
  }, 60_000);
});
