import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type BuildStep, buildGuest } from '../../build/index.ts';
import { manifestText, scratchFolder } from './scratch-guest.ts';

const files = {
  'weir.yaml': manifestText('exports: [weir:capability/rate-limiter]'),
  'extension.ts':
    "import { answer } from './answer';\nexport function tryAcquire(n: u32): bool { return answer(n); }",
  'answer.ts': 'export function answer(n: u32): bool { return n == 1; }',
  'README.md': 'about',
};

test('a guest is built again when something that it was made from changed, and only then', async () => {
  const folder = await scratchFolder(files);
  const steps: BuildStep[] = [];
  const first = await buildGuest(folder, { onProgress: (step) => steps.push(step) });
  expect(steps).toEqual(['bindings', 'compile', 'component']);
  expect(first).toMatchObject({ built: true, wasm: path.join(folder, 'guest.wasm') });
  expect(await readFile(first.wasm)).toEqual(Buffer.from(first.bytes));

  const change = (name: string, text: string) => writeFile(path.join(folder, name), text);
  const again = async () => (await buildGuest(folder)).built;
  expect(await again()).toBe(false);
  await change('README.md', 'something else');
  expect(await again()).toBe(false);
  await change('answer.ts', files['answer.ts'].replace('1', '2'));
  expect(await again()).toBe(true);
  await change('weir.yaml', files['weir.yaml'].replace('0.1.0', '0.2.0'));
  expect(await again()).toBe(true);
  expect(await again()).toBe(false);
  await writeFile(first.wasm, 'something else');
  expect(await again()).toBe(true);
  await rm(first.wasm);
  expect(await again()).toBe(true);
  expect((await buildGuest(folder, { force: true })).built).toBe(true);
}, 40_000);

test('the same source gives the same bytes', async () => {
  const [one, two] = await Promise.all([
    buildGuest(await scratchFolder(files)),
    buildGuest(await scratchFolder(files)),
  ]);
  expect(Buffer.from(one.bytes).equals(two.bytes)).toBe(true);
});

test('two builds of one folder at a time do not trip over each other', async () => {
  const folder = await scratchFolder(files);
  const [one, two] = await Promise.all([buildGuest(folder), buildGuest(folder)]);
  expect(Buffer.from(one.bytes).equals(two.bytes)).toBe(true);
  expect((await buildGuest(folder)).built).toBe(false);
});

test('bindings of an interface that left the world are removed', async () => {
  const folder = await scratchFolder(files);
  await writeFile(
    path.join(folder, 'weir.yaml'),
    manifestText('exports: [weir:capability/rate-limiter]\nimports: [weir:extension/log]'),
  );
  await buildGuest(folder);
  const log = path.join(folder, 'generated/log.ts');
  expect((await stat(log)).isFile()).toBe(true);
  await writeFile(path.join(folder, 'weir.yaml'), files['weir.yaml']);
  await buildGuest(folder);
  await expect(stat(log)).rejects.toThrow('ENOENT');
});
