/** Every guest builds, says what it is, and comes with a pipeline that the host would run. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildGuest, MANIFEST_FILE } from '../../build/index.ts';
import { loadConfig } from '../../host/config/load.ts';
import { loadProvider } from '../../host/extension/provider.ts';
import { nodeTypes } from '../../host/nodes/index.ts';

const guests = path.join(import.meta.dirname, '../../guests');

const expected = {
  crasher: { kind: 'processor', provides: ['processor'] },
  'rate-limiter': { kind: 'active', provides: ['rate-limiter'] },
  redact: { kind: 'processor', provides: ['processor'] },
  'token-authorizer': { kind: 'passive', provides: ['bearer-token-authorizer'] },
} as const;

test('these are all guests', () => {
  const folders = readdirSync(guests, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map((entry) => entry.name).sort()).toEqual(Object.keys(expected));
});

describe.each(Object.entries(expected))('%s', (name, what) => {
  const folder = path.join(guests, name);

  beforeAll(async () => {
    await buildGuest(folder);
  });

  test('has a source, a manifest, a pipeline, a README and tests', () => {
    const present = readdirSync(folder);
    const wanted = ['extension.ts', MANIFEST_FILE, 'pipeline.yaml', 'README.md', 'test'];
    expect(present).toEqual(expect.arrayContaining(wanted));
  });

  test('provides what its manifest says, and has a documentation URL and a config schema', async () => {
    const { manifest, kind, provides } = await loadProvider(path.join(folder, `${name}.wasm`));
    expect(manifest).toMatchObject({
      urn: `urn:weir:extension:${name}`,
      documentation: expect.stringContaining(name),
      config: { type: 'object', additionalProperties: false },
    });
    expect({ kind, provides }).toEqual(what);
  });

  test('comes with a pipeline that passes every check', async () => {
    const file = path.join(folder, 'pipeline.yaml');
    const { errors } = await loadConfig(file, {
      nodeTypes,
      describeProvider: (wasm, limits) => loadProvider(wasm, undefined, limits),
    });
    expect(errors ?? []).toEqual([]);
  });
});
