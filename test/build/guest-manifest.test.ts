import { expect, test } from 'vitest';
import { parseGuestManifest } from '../../build/guest-manifest.ts';
import { buildGuest } from '../../build/index.ts';
import { readManifest } from '../../host/extension/manifest.ts';
import { manifestText, scratchFolder } from './scratch-guest.ts';

const head = manifestText('').trimEnd();

test('what is left out gets its default', () => {
  const manifest = parseGuestManifest(`${head}\nexports: [weir:capability/rate-limiter]`, 'weir.yaml');
  expect(manifest).toMatchObject({ source: 'extension.ts', instances: 'per-pipeline' });
});

test.each([
  [
    'an unknown key',
    `${head}\nexport: [a:b/c]\nexports: [a:b/c]`,
    /^weir\.yaml:4:9: export: unknown key; known are urn, /,
  ],
  ['a wrong type', `${head}\nexports: a:b/c`, /^weir\.yaml:4:10: exports: /],
  [
    'a bad interface',
    `${head}\nexports:\n  - a:b/c\n  - nonsense`,
    /^weir\.yaml:6:5: exports\.1: expected an interface/,
  ],
  ['no exports', head, /^weir\.yaml:1:1: exports: expected a list/],
  [
    'a bad urn',
    `${head.replace('urn:test', 'urn')}\nexports: [a:b/c]`,
    /^weir\.yaml:1:6: urn: expected urn:</,
  ],
  [
    'a bad version',
    `${head.replace('0.1.0', '1.x')}\nexports: [a:b/c]`,
    /^weir\.yaml:2:10: version: expected/,
  ],
  ['a world without its name', `${head}\nworld: w.wit`, /^weir\.yaml:4:8: world: expected `world-name`/],
  [
    'a world and exports',
    `${head}\nworld: w.wit\nworld-name: w\nexports: [a:b/c]`,
    /^weir\.yaml:6:10: exports: /,
  ],
  ['a source outside', `${head}\nexports: [a:b/c]\nsource: /etc/x.ts`, /^weir\.yaml:5:9: source: /],
  ['YAML that does not parse', `${head}\nexports: [`, /^weir\.yaml:\d+:\d+: /],
  ['a key twice', `${head}\nurn: x`, /^weir\.yaml:4:1: /],
  ['an empty file', '', /^weir\.yaml:1:1: /],
])('%s is an error with its place', (_what, text, message) => {
  expect(() => parseGuestManifest(text, 'weir.yaml')).toThrow(
    expect.objectContaining({ code: 'WEIR_BUILD_MANIFEST', message: expect.stringMatching(message) }),
  );
});

test('everything wrong is reported at once', () => {
  const text = 'urn: x\nversion: y\ndescription: ""\nexports: []\nmore: 1';
  expect.assertions(1);
  try {
    parseGuestManifest(text, 'weir.yaml');
  } catch (error) {
    expect((error as Error).message.split('\n')).toHaveLength(5);
  }
});

test('a folder without a manifest says which file was expected', async () => {
  const folder = await scratchFolder({ 'extension.ts': '' });
  await expect(buildGuest(folder)).rejects.toMatchObject({
    code: 'WEIR_BUILD_MANIFEST',
    message: expect.stringContaining('weir.yaml cannot be read (ENOENT)'),
  });
});

test('the component carries the manifest, with the interfaces that it really has', async () => {
  const folder = await scratchFolder({
    'weir.yaml': manifestText(
      `documentation: https://example.org/x
exports: [weir:capability/rate-limiter, weir:extension/configured@0.1.0]
imports: [weir:extension/log, weir:extension/timers]
instances: per-consumer
config:
  type: object
  properties: { capacity: { type: integer } }`,
    ),
    'extension.ts': `import { Result, Unit } from './generated/wit';
      import { every } from './generated/timers';
      export function configure(json: string): Result<Unit, string> { every(100); return Result.ok<Unit, string>(Unit.value); }
      export function tryAcquire(n: u32): bool { return true; }`,
  });
  const { bytes, manifest } = await buildGuest(folder);
  expect(manifest).toEqual({
    urn: 'urn:test:extension:guest',
    version: '0.1.0',
    description: 'A guest of a test.',
    documentation: 'https://example.org/x',
    exports: ['weir:capability/rate-limiter@0.1.0', 'weir:extension/configured@0.1.0'],
    imports: ['weir:extension/timers@0.1.0'],
    config: { type: 'object', properties: { capacity: { type: 'integer' } } },
    instances: 'per-consumer',
  });
  expect(readManifest(bytes)).toEqual(manifest);
});
