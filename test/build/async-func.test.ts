import { expect, test } from 'vitest';
import { buildOwnWorld, instantiate } from './scratch-guest.ts';

const wit = `package test:waits;
interface host { later: async func(words: list<string>) -> list<string>; }
interface work {
  fetch: async func(words: list<string>) -> result<list<string>, string>;
  now: func(words: list<string>) -> list<string>;
}
world w { import host; export work; }`;

const source = `import { later } from './generated/host';
import { Result } from './generated/wit';
export function fetch(words: Array<string>): Result<Array<string>, string> {
  const got = later(words);
  if (got.length == 0) return Result.err<Array<string>, string>('nothing came');
  for (let i = 0; i < got.length; i++) got[i] = words[i] + '=' + got[i];
  return Result.ok<Array<string>, string>(got);
}
export function now(words: Array<string>): Array<string> {
  const out: string[] = [];
  for (let i = 0; i < words.length; i++) out.push(words[i] + '!');
  return out;
}
`;

test('what an async func answers is untouched by calls that enter while it waits, and memory stays constant', async () => {
  const guest = await buildOwnWorld(wit, source);
  let slow = true;
  const later = async (words: string[]) => {
    if (slow) await new Promise(setImmediate);
    return words.map((word) => word.toUpperCase());
  };
  const instance = await instantiate(guest, { 'test:waits/host': { later } });
  const { fetch, now } = instance.exports['test:waits/work']!;
  const many = Array.from({ length: 50 }, (_, i) => `word ${i}`);
  const round = async (i: number) => {
    const answer = fetch([`a${i}`, 'b']);
    expect(now(['x', `y${i}`])).toEqual(['x!', `y${i}!`]);
    let settled = false;
    const done = answer.finally(() => {
      settled = true;
    });
    while (!settled) {
      // Enough garbage for a collection, at every point where another call can enter.
      for (let n = 0; n < 20; n++) now(many);
      expect(now(['p', 'q'])).toEqual(['p!', 'q!']);
      await Promise.resolve();
      if (slow) await new Promise(setImmediate);
    }
    expect(await done).toEqual([`a${i}=A${i}`, 'b=B']);
  };
  for (let i = 0; i < 50; i++) await round(i);
  await expect(fetch([])).rejects.toMatchObject({ payload: 'nothing came' });
  slow = false;
  for (let i = 0; i < 100; i++) await round(i);
  for (let i = 0; i < 100; i++) await fetch(['a', 'b']);
  const before = instance.memoryBytes();
  for (let i = 0; i < 10_000; i++) await fetch(['a', 'b']);
  expect(instance.memoryBytes()).toBe(before);
});
