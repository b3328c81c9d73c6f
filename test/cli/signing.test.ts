/** `weir keygen`, `weir sign`, `weir verify`, and an engine that wants signatures. */
import { execFile } from 'node:child_process';
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { checkConfig } from '../../host/engine/configuration.ts';
import { Engine } from '../../host/engine/engine.ts';
import { guest, inARow } from '../e2e/configuration.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const main = resolve(import.meta.dirname, '../../host/cli/main.ts');
const run = promisify(execFile);

async function weir(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, [main, ...args], {
      env: { ...process.env, NO_COLOR: '1' },
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

test('a key is made, a component is signed, verified, changed, and refused', async () => {
  const folder = await temporaryFolder();
  const key = join(folder, 'key.pem');
  const wasm = join(folder, 'redact.wasm');
  await copyFile(await guest('redact'), wasm);

  const made = await weir('keygen', key, '--json');
  const { publicKey } = JSON.parse(made.stdout);
  expect((await stat(key)).mode & 0o777).toBe(0o600);
  expect(await weir('keygen', key)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('WEIR_EXTENSION_KEY'),
  });

  expect(await weir('verify', wasm, '--key', publicKey)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('WEIR_EXTENSION_UNSIGNED'),
  });
  const engine = (text: object) => ({
    version: 'weir/v1',
    engine: { trusted_keys: [publicKey], require_signature: true },
    groups: {
      g: {
        pipelines: {
          p: {
            extensions: { redact: { wasm, ...text } },
            nodes: {
              in: { type: 'receiver:otlp', config: { listen: '127.0.0.1:0' } },
              work: { type: 'processor:wasm', guest: 'redact' },
              out: { type: 'exporter:noop' },
            },
            connections: inARow('in', 'work', 'out'),
          },
        },
      },
    },
  });
  const codes = async (text: object) => (await checkConfig(engine(text))).errors?.map(({ code }) => code);
  expect(await codes({})).toEqual(['WEIR_EXTENSION_UNSIGNED']);

  const signed = JSON.parse((await weir('sign', wasm, '--key', key, '--json')).stdout);
  expect(signed).toMatchObject({ file: wasm, publicKey });
  const verified = await weir('verify', wasm, '--key', publicKey, '--json');
  expect(JSON.parse(verified.stdout)).toMatchObject({ sha256: signed.sha256, trusted: [publicKey] });
  expect(await codes({ sha256: signed.sha256 })).toBeUndefined();
  expect(await codes({ sha256: '0'.repeat(64) })).toEqual(['WEIR_EXTENSION_PIN']);
  expect(await codes({ sha256: 'abc' })).toEqual(['WEIR_CONFIG_VALUE']);

  const running = await Engine.start(engine({ sha256: signed.sha256 }));
  await running.stop();

  const bytes = await readFile(wasm);
  bytes[bytes.length - 200]! ^= 1;
  await writeFile(wasm, bytes);
  expect((await weir('verify', wasm, '--key', publicKey)).code).toBe(1);
  expect((await codes({}))?.[0]).toMatch(/^WEIR_EXTENSION_/);
}, 60_000);
