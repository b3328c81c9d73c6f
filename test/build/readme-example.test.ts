import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { buildGuest } from '../../build/index.ts';
import { instantiate, manifestText, scratchFolder } from './scratch-guest.ts';

test('the example in build/README.md builds and does what it says', async () => {
  const readme = await readFile(path.join(import.meta.dirname, '../../build/README.md'), 'utf8');
  const source = /```ts\n([^`]*)```/.exec(readme)![1]!;
  const folder = await scratchFolder({
    'weir.yaml': manifestText(
      'exports: [weir:capability/rate-limiter, weir:extension/configured]\nimports: [weir:extension/log]',
    ),
    'extension.ts': source,
  });
  const lines: unknown[] = [];
  const log = { write: (...line: unknown[]) => lines.push(line) };
  const { exports } = await instantiate(await buildGuest(folder), { 'weir:extension/log@0.1.0': log });
  const { configure } = exports['weir:extension/configured@0.1.0']!;
  const { tryAcquire } = exports['weir:capability/rate-limiter@0.1.0']!;
  expect(() => configure('{"capacity": "much"}')).toThrow(
    expect.objectContaining({ payload: 'capacity: expected a number' }),
  );
  expect(() => configure('{')).toThrow(
    expect.objectContaining({ payload: 'expected a key in quotes at offset 1' }),
  );
  configure('{"capacity": 2}');
  expect([tryAcquire(3), tryAcquire(2), tryAcquire(1)]).toEqual([false, true, false]);
  expect(lines).toEqual([['info', 'ready', []]]);
});
