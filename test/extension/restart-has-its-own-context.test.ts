/**
 * A restart runs outside of the asynchronous context of the call that faulted: what the engine says of
 * itself while it handles its own telemetry is left unsaid, and must not stay so for ever after.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadExtension } from '../../host/extension/load.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { faults, makeProbe, Probe } from './probe.ts';

test('the fault belongs to the call, the restart does not', async () => {
  const path = join(await temporaryFolder(), 'probe.wasm');
  await writeFile(path, await makeProbe());
  const batch = new AsyncLocalStorage<string>();
  const seen: Record<string, string | undefined> = {};
  let restarted = () => {};
  const ready = new Promise<void>((resolve) => {
    restarted = resolve;
  });
  const extension = await loadExtension(path, {
    contracts: [Probe],
    onEvent: ({ type }) => {
      seen[type] = batch.getStore();
      if (type === 'restarted') restarted();
    },
  });
  const probe = extension.require(Probe);
  expect(() => batch.run('a batch', () => probe.fault(faults.unreachable))).toThrow();
  await ready;
  extension.stop();
  expect(seen).toMatchObject({ started: undefined, faulted: 'a batch', restarted: undefined });
});
