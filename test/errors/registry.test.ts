import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { allErrorCodes, type ErrorCodeEntry, errorTable, sources, TABLE_FILE } from './registry.ts';

let codes: ErrorCodeEntry[];
let files: { path: string; text: string }[];
beforeAll(async () => {
  codes = await allErrorCodes();
  files = await sources();
});

/** Whole codes in a text; `WEIR_CONFIG_…` in prose stands for several and is none. */
const codesIn = (text: string) => text.match(/\bWEIR_[A-Z0-9]+(?:_[A-Z0-9]+)+\b(?!_)/g) ?? [];

test('the table of error codes tells what is registered (else: npm run errors)', async () => {
  const written = await readFile(join(import.meta.dirname, '../..', TABLE_FILE), 'utf8');
  expect(written).toBe(await errorTable());
});

test('every code in the sources is registered', () => {
  const known = new Set(codes.map(({ code }) => code));
  const variables = new Set(
    files.flatMap(({ text }) => [...text.matchAll(/\benv\.(WEIR_\w+)/g)].map((match) => match[1])),
  );
  const unknown = files.flatMap(({ path, text }) =>
    codesIn(text)
      .filter((code) => !known.has(code) && !variables.has(code))
      .map((code) => `${path}: ${code}`),
  );
  expect(unknown).toEqual([]);
});

test('every registered code is used by somebody', () => {
  const uses = new Map<string, number>();
  for (const { text } of files) for (const code of codesIn(text)) uses.set(code, (uses.get(code) ?? 0) + 1);
  expect(codes.filter(({ code }) => (uses.get(code) ?? 0) < 2).map(({ code }) => code)).toEqual([]);
});

test('a code is registered once, with one sentence', () => {
  expect(new Set(codes.map(({ code }) => code)).size).toBe(codes.length);
  const definitions = files
    .filter(({ path }) => path.endsWith('errors.ts'))
    .flatMap(({ text }) => text.match(/^ {2}WEIR_\w+:/gm) ?? []);
  expect(definitions.length).toBe(codes.length);
  for (const { meaning } of codes) {
    expect(meaning).toMatch(/^[A-Z`].*\.$/);
  }
});
