/** `grants:` of an extension: nothing by default, and every mistake at its place. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WeirError } from '../../host/errors.ts';
import { sandboxErrors } from '../../host/sandbox/errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { errorsOf, load, loaded, pipeline, underlined } from './subject.ts';

async function folderWithComponent(): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'g.wasm'), '');
  await mkdir(join(folder, 'data'));
  return folder;
}

const withGrants = (grants: string) => pipeline({ extensions: `\ng: { wasm: g.wasm, grants: ${grants} }` });

test('paths are relative to the folder of the configuration, and the guest knows them as they are written', async () => {
  const folder = await folderWithComponent();
  const grants = `{ fs: [{ path: ./data, mode: read }, { path: ${folder}, mode: write }], env: [LANG], random: true, http: ['https://Example.com/', 'http://127.0.0.1:8080'] }`;
  const config = await loaded(withGrants(grants), { file: join(folder, 'pipelines.yaml') });
  expect(config.pipelines[0]!.extensions[0]!.grants).toEqual({
    http: ['https://example.com', 'http://127.0.0.1:8080'],
    fs: [
      { path: join(folder, 'data'), name: './data', mode: 'read' },
      { path: folder, name: folder, mode: 'write' },
    ],
    env: ['LANG'],
    random: true,
    stdout: false,
  });
});

test.each([
  ['{ rnadom: true }', 'CONFIG_UNKNOWN_KEY rnadom', 'did you mean `random`?'],
  ['{ sockets: true }', 'CONFIG_UNKNOWN_KEY sockets', 'known keys here: http, fs, env, random, stdout'],
  ['{ random: 5 }', 'CONFIG_VALUE 5', /unpredictable bytes/i],
  ['{ fs: ./data }', 'CONFIG_VALUE ./data', /path: \.\/data, mode: read/],
  ['{ fs: [./data] }', 'CONFIG_VALUE ./data', undefined],
  ['{ fs: [{ path: ./data }] }', 'CONFIG_MISSING_KEY { path: ./data }', /add `mode`: `read`/],
  ['{ fs: [{ path: ./data, mode: rw }] }', 'CONFIG_VALUE rw', /`mode`: `read`/],
  ['{ fs: [{ path: "", mode: read }] }', 'CONFIG_VALUE ""', undefined],
  ['{ fs: [{ path: "a\\0b", mode: read }] }', 'CONFIG_VALUE "a\\0b"', undefined],
  ['{ fs: [{ path: ./gone, mode: read }] }', 'CONFIG_FILE ./gone', /relative to the configuration/],
  ['{ fs: [{ path: g.wasm, mode: read }] }', 'CONFIG_FILE g.wasm', undefined],
  ['{ http: [example.com] }', 'CONFIG_VALUE example.com', undefined],
  ['{ http: [https://example.com/path] }', 'CONFIG_VALUE https://example.com/path', undefined],
  ['{ env: [A=b] }', 'CONFIG_VALUE A=b', undefined],
])('%s is refused', async (grants, place, hint) => {
  const folder = await folderWithComponent();
  const errors = await errorsOf(withGrants(grants), { file: join(folder, 'pipelines.yaml') });
  expect(underlined(errors)).toEqual([place]);
  if (hint instanceof RegExp) expect(errors[0]!.hint).toMatch(hint);
  else if (hint !== undefined) expect(errors[0]!.hint).toBe(hint);
});

describe('a component that imports what is not granted', () => {
  const describeProvider = async () => ({
    provides: [],
    isConfigured: false,
    manifest: undefined,
    checkGrants({ random }: { random: boolean }) {
      if (random) return;
      throw new WeirError(sandboxErrors.WEIR_SANDBOX_IMPORT_DENIED, 'it imports x', { hint: 'grant x' });
    },
  });

  test.each([
    ['{ wasm: g.wasm, grants: { env: [A] } }', 'grants'],
    ['{ wasm: g.wasm }', 'g'],
  ])('%s is refused at `%s`', async (entry, key) => {
    const file = join(await folderWithComponent(), 'pipelines.yaml');
    const errors = await errorsOf(pipeline({ extensions: `\ng: ${entry}` }), { file, describeProvider });
    expect(underlined(errors)).toEqual([`SANDBOX_IMPORT_DENIED ${key}`]);
    expect(errors[0]).toMatchObject({
      message: 'the extension `g` cannot start: it imports x',
      hint: 'grant x',
    });
  });

  test('is accepted once it is granted', async () => {
    const file = join(await folderWithComponent(), 'pipelines.yaml');
    expect(await load(withGrants('{ random: true }'), { file, describeProvider })).toHaveProperty('config');
  });
});
