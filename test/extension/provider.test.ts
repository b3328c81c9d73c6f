/** What a component offers is read from the component, and a component that cannot serve is told so. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { embedManifest } from '../../host/extension/manifest.ts';
import { loadProvider, readProvider } from '../../host/extension/provider.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { makeProbe, Probe, probeInterfaces, witPackage } from './probe.ts';

const manifest = {
  urn: 'urn:test:extension:probe',
  version: '1.0.0',
  description: 'A probe.',
  exports: [],
  imports: [],
};

/** A processor guest that is never run. */
async function makeProcessor(more: string): Promise<Uint8Array> {
  const witSource = `package test:processor;
world guest { export weir:processor/processor@0.1.0; ${more} }
${await witPackage('processor')}
${await witPackage('extension')}`;
  return componentNew(await componentEmbed({ dummy: true, witSource, world: 'guest' }));
}

describe('how an extension lives follows from its exports', () => {
  test.each([
    ['active', ['configured', 'lifecycle', 'probe']],
    ['active', ['lifecycle', 'probe']],
    ['passive', ['configured', 'probe']],
    ['passive', ['probe']],
    ['background', ['lifecycle']],
    ['background', ['configured', 'lifecycle']],
  ])('%s: %j', async (kind, exported) => {
    const provider = readProvider(await makeProbe(exported), [Probe]);
    expect(provider).toMatchObject({
      kind,
      provides: exported.includes('probe') ? ['probe'] : [],
      hasLifecycle: exported.includes('lifecycle'),
      isConfigured: exported.includes('configured'),
      instances: 'per-pipeline',
      manifest: undefined,
    });
  });

  test.each([[''], ['export weir:extension/lifecycle@0.1.0;']])('processor, %s', async (more) => {
    const provider = readProvider(await makeProcessor(more));
    const hasLifecycle = more !== '';
    expect(provider).toMatchObject({ kind: 'processor', provides: ['processor'], hasLifecycle });
  });
});

test('permissions are the interfaces that it needs the host for', async () => {
  expect(readProvider(await makeProbe(['probe']), [Probe]).permissions).toEqual([
    'weir:extension/clock@0.1.0',
    'weir:extension/log@0.1.0',
  ]);
});

test('the manifest gives the instance policy', async () => {
  const bytes = embedManifest(await makeProbe(['probe']), {
    ...manifest,
    ...probeInterfaces(['probe']),
    instances: 'per-consumer',
  });
  expect(readProvider(bytes, [Probe])).toMatchObject({
    instances: 'per-consumer',
    manifest: { urn: manifest.urn },
  });
});

describe('refused is', () => {
  test('an instance for each consumer together with a lifecycle', async () => {
    const bytes = embedManifest(await makeProbe(), {
      ...manifest,
      ...probeInterfaces(),
      instances: 'per-consumer',
    });
    expect(() => readProvider(bytes, [Probe])).toThrow(
      expect.objectContaining({ code: 'WEIR_EXTENSION_INSTANCES' }),
    );
  });

  test('a component that offers nothing, with what it could offer', async () => {
    expect(() => readProvider(new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]))).toThrow(
      expect.objectContaining({
        code: 'WEIR_EXTENSION_EMPTY',
        hint: expect.stringContaining('weir:capability/rate-limiter@0.1.0'),
      }),
    );
  });

  test('another version of a contract, with the version that is known', async () => {
    const bytes = await parse(`(component
      (instance $i) (export "weir:capability/rate-limiter@0.9.0" (instance $i)))`);
    expect(() => readProvider(bytes)).toThrow(
      expect.objectContaining({
        code: 'WEIR_EXTENSION_EMPTY',
        hint: 'this version of Weir knows weir:capability/rate-limiter@0.1.0: build the component against it',
      }),
    );
  });

  test('a contract with a function missing', async () => {
    const bytes = await parse(`(component
      (instance $i) (export "weir:capability/rate-limiter@0.1.0" (instance $i)))`);
    expect(() => readProvider(bytes)).toThrow(
      expect.objectContaining({
        code: 'WEIR_EXTENSION_CONTRACT',
        message:
          'the component exports weir:capability/rate-limiter@0.1.0 without `tryAcquire`; expected `func(n: u32) -> bool`',
      }),
    );
  });

  test('a contract with a function of another type', async () => {
    const bytes = await parse(`(component
      (core module $m (func (export "f") (param i64) (result i32) unreachable))
      (core instance $c (instantiate $m))
      (func $f (param "n" u64) (result bool) (canon lift (core func $c "f")))
      (instance $i (export "try-acquire" (func $f)))
      (export "weir:capability/rate-limiter@0.1.0" (instance $i)))`);
    expect(() => readProvider(bytes)).toThrow(
      expect.objectContaining({
        code: 'WEIR_EXTENSION_CONTRACT',
        message: expect.stringContaining('`func(n: u64) -> bool`; expected `func(n: u32) -> bool`'),
      }),
    );
  });

  test.each([
    ['an empty file', ''],
    ['something else', 'version: weir/v1'],
    ['a core module', '\0asm\x01\0\0\0'],
    ['a component cut off', '\0asm\x0d\0\x01\0\x01'],
  ])('%s', async (_, content) => {
    const path = join(await temporaryFolder(), 'x.wasm');
    await writeFile(path, content);
    await expect(loadProvider(path)).rejects.toMatchObject({ code: 'WEIR_EXTENSION_COMPONENT' });
  });

  test('a file that is not there', async () => {
    const path = join(await temporaryFolder(), 'x.wasm');
    await expect(loadProvider(path)).rejects.toMatchObject({
      code: 'WEIR_EXTENSION_FILE',
      message: `there is no file ${path}`,
    });
  });

  test('a component with imports that are not granted', async () => {
    const path = join(await temporaryFolder(), 'x.wasm');
    const text = '(import "wasi:keyvalue/store@0.2.0" (instance (export "exit" (func))))';
    await writeFile(
      path,
      await parse(`(component ${text}
        (core module $m (func (export "f") (param i32) (result i32) unreachable))
        (core instance $c (instantiate $m))
        (func $f (param "n" u32) (result bool) (canon lift (core func $c "f")))
        (instance $i (export "try-acquire" (func $f)))
        (export "weir:capability/rate-limiter@0.1.0" (instance $i)))`),
    );
    await expect(loadProvider(path)).rejects.toMatchObject({
      code: 'WEIR_SANDBOX_IMPORT_DENIED',
      message: expect.stringContaining('wasi:keyvalue/store@0.2.0'),
    });
  });
});
