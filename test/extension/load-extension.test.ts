/** A program loads one extension and calls it, with no pipeline around. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadExtension, RateLimiter } from '../../host/extension/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { badConfigs, faults, makeProbe, Probe } from './probe.ts';

async function probeFile(): Promise<string> {
  const path = join(await temporaryFolder(), 'probe.wasm');
  await writeFile(path, await makeProbe());
  return path;
}

test('it is started, called, replaced after a fault, and stopped', async () => {
  let restarted = () => {};
  const ready = new Promise<void>((resolve) => {
    restarted = resolve;
  });
  const extension = await loadExtension(await probeFile(), {
    config: { hello: 'world' },
    contracts: [Probe],
    supervision: { restart: { backoff: { initialMs: 1 } } },
    onEvent: ({ type }) => type === 'restarted' && restarted(),
  });
  const probe = extension.require(Probe);
  expect(extension.require(Probe)).toBe(probe);
  expect(probe.configLength()).toBe('{"hello":"world"}'.length);
  probe.count();
  expect(() => probe.fault(faults.unreachable)).toThrow();
  await ready;
  expect(probe.count()).toBe(1);
  extension.stop();
  expect(() => probe.count()).toThrow(/is stopped/);
  expect(extension.status()).toMatchObject({
    kind: 'active',
    instances: [{ restarts: 1, state: 'stopped' }],
  });
});

test('what it does not provide is undefined, or an error that says what it provides', async () => {
  const extension = await loadExtension(await probeFile(), { contracts: [Probe] });
  expect(extension.optional(RateLimiter)).toBeUndefined();
  expect(() => extension.require(RateLimiter)).toThrow(/does not provide `rate-limiter`; it provides probe/);
  extension.stop();
});

test('a refused configuration rejects', async () => {
  await expect(
    loadExtension(await probeFile(), { config: badConfigs.refusedByConfigure, contracts: [Probe] }),
  ).rejects.toMatchObject({ code: 'WEIR_EXTENSION_START', message: /no such setting/ });
});

test('its memory is limited', async () => {
  await expect(
    loadExtension(await probeFile(), { contracts: [Probe], limits: { memoryBytes: 1000 } }),
  ).rejects.toMatchObject({ code: 'WEIR_SANDBOX_MEMORY_LIMIT' });
});

test.each([
  [{ limits: { memoryBytes: Number.NaN } }, '`limits.memoryBytes` is NaN'],
  [{ limits: { timers: -1 } }, '`limits.timers` is -1'],
  [{ supervision: { restart: { initial: 5 } as object } }, '`supervision.restart.initial` is not known'],
  [{ supervision: { restart: '5' as never } }, '`supervision.restart` is 5'],
  [{ supervision: { restart: { backoff: { jitter: 2 } } } }, '`supervision.restart.backoff.jitter` is 2'],
  [{ config: 5n }, '`config` cannot be written as JSON'],
  [{ config: () => {} }, '`config` cannot be written as JSON'],
])('a wrong option is refused: %o', async (options, message) => {
  await expect(loadExtension(await probeFile(), { contracts: [Probe], ...options })).rejects.toMatchObject({
    code: 'WEIR_EXTENSION_OPTIONS',
    message: expect.stringContaining(message),
  });
});
