import { expect, test } from 'vitest';
import {
  embedManifest,
  MANIFEST_SECTION,
  type Manifest,
  readManifest,
} from '../../host/extension/manifest.ts';

const emptyComponent = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
const manifest: Manifest = {
  urn: 'urn:weir:extension:limiter',
  version: '1.2.3',
  description: 'Counts. Ünïcode too.',
  documentation: 'https://example.org/limiter',
  exports: ['weir:capability/rate-limiter@0.1.0'],
  imports: ['weir:extension/log@0.1.0'],
  config: { type: 'object', properties: { capacity: { type: 'integer' } } },
  instances: 'per-consumer',
};

/** A custom section whose name is `name`, of less than 128 bytes (one-byte sizes). */
function section(name: string, contents: string): number[] {
  const text = new TextEncoder();
  const body = [name.length, ...text.encode(name), ...text.encode(contents)];
  return [0, body.length, ...body];
}

test('what is embedded is what is read', () => {
  expect(readManifest(embedManifest(emptyComponent, manifest))).toEqual(manifest);
});

test('a component without a manifest has none', () => {
  expect(readManifest(emptyComponent)).toBeUndefined();
  expect(readManifest(Uint8Array.from([...emptyComponent, ...section('name', 'x')]))).toBeUndefined();
});

test('the manifest is found behind other sections', () => {
  const other = Uint8Array.from([...emptyComponent, ...section('producers', 'x'), ...section('', '')]);
  expect(readManifest(embedManifest(other, manifest))).toEqual(manifest);
});

test.each([
  ['not JSON', '{', /not JSON/],
  ['no urn', '{"version":"1.0.0","description":"d","exports":[],"imports":[]}', /urn/],
  [
    'a bad urn',
    '{"urn":"urn:x:node:y","version":"1.0.0","description":"d","exports":[],"imports":[]}',
    /urn:<namespace>:extension:<id>/,
  ],
])('a malformed manifest (%s) is an error that says why', (_name, json, why) => {
  const bytes = Uint8Array.from([...emptyComponent, ...section(MANIFEST_SECTION, json)]);
  expect(() => readManifest(bytes)).toThrow(expect.objectContaining({ code: 'WEIR_EXTENSION_MANIFEST' }));
  expect(() => readManifest(bytes)).toThrow(why);
});

test('every truncation and every flipped byte of the framing ends, with a manifest, an error or nothing', () => {
  const whole = embedManifest(emptyComponent, manifest);
  for (let length = 0; length < whole.length; length++) {
    expect(readManifest(whole.subarray(0, length))).toBeUndefined();
  }
  for (let at = 8; at < 40; at++) {
    const flipped = whole.slice();
    flipped[at] = flipped[at]! ^ 0xff;
    try {
      readManifest(flipped);
    } catch (error) {
      expect(error).toMatchObject({ code: 'WEIR_EXTENSION_MANIFEST' });
    }
  }
});
