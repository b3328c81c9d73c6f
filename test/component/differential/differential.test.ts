/**
 * Bindings of random function types: what we return, what jco returns and what was sent are the same.
 * `npm run fuzz -- bindings` is the same without an end.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { differentialRound, emptyTally, type Tally } from './round.ts';

const cases = 2_000;
const perRound = 200;
const seed = Number(process.env.WEIR_SEED ?? Math.floor(Math.random() * 2 ** 31));

test(`${cases} random functions agree with jco`, { timeout: 170_000 }, async () => {
  console.log(`seed ${seed}`);
  const tally = emptyTally();
  for (let round = 0; round < cases / perRound; round++) {
    const encoding = round % 4 === 3 ? 'utf16' : 'utf8';
    await differentialRound({ seed: seed + round, cases: perRound, encoding, types: 'settled' }, tally);
  }
  console.log(
    `${tally.agree} agree, ${tally.refused.length} refused by jco, ${tally.jcoWrong.length} wrong in jco`,
  );
  for (const text of [...tally.refused, ...tally.jcoWrong]) console.log(text);
  const without = tally.refused.length + tally.jcoWrong.length;
  expect(without).toBeLessThanOrEqual(cases * 0.05);
  expect(tally.agree + without).toBe(cases);
});

test.each([
  { what: 'strings in latin1+utf16', encoding: 'compact-utf16', types: 'settled' },
  { what: 'maps and lists of a fixed length', encoding: 'utf8', types: 'recent' },
] as const)('$what, which jco does not do, come back as they were sent', async ({ encoding, types }) => {
  const tally = emptyTally();
  await differentialRound({ seed, cases: perRound, encoding, types }, tally);
  expect(tally.agree).toBe(perRound);
});

test('where code from strings is disallowed, the interpreter agrees too', { timeout: 60_000 }, async () => {
  const script = fileURLToPath(new URL('./interpreted.ts', import.meta.url));
  const args = ['--disallow-code-generation-from-strings', script, `${seed}`, `${perRound}`];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { agree, refused, jcoWrong } = JSON.parse(stdout) as Tally;
  expect({ agree, refused, jcoWrong }).toEqual({ agree: 2 * perRound, refused: [], jcoWrong: [] });
});
