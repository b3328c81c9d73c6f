/**
 * A call that is suspended ends when its instance does, even if nobody wakes it. No host service
 * suspends a guest yet, so the component here is a stand-in whose `later` never answers.
 */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Component, Instance, InstantiateOptions } from '../../host/component/component.ts';
import { TrapError } from '../../host/component/errors.ts';
import { DEFAULT_LIMITS, DEFAULT_SUPERVISION } from '../../host/config/model.ts';
import { readProvider } from '../../host/extension/provider.ts';
import { Supervisor } from '../../host/extension/supervisor.ts';
import { NO_GRANTS } from '../../host/sandbox/grants.ts';
import { ManualClock } from '../manual-clock.ts';
import { makeProbe, Probe } from './probe.ts';
import { caught } from './supervised.ts';

/** With `abandons`, a fault rejects the calls that wait with what poisoned the instance. */
async function standIn(abandons = false) {
  const { type } = readProvider(await makeProbe(['probe']), [Probe]);
  const component: Component = {
    digest: '',
    byteLength: 0,
    type,
    instantiate(_imports, { onPoison }: InstantiateOptions = {}): Instance {
      const poison = (cause: unknown) => onPoison?.(cause);
      const waiting: ((error: unknown) => void)[] = [];
      const trap = (): never => {
        const error = new TrapError('trap');
        for (const reject of waiting) reject(error);
        poison(error);
        throw error;
      };
      const later = () =>
        new Promise<number>((_, reject) => {
          if (abandons) waiting.push(reject);
        });
      return {
        exports: { [Probe.interface]: { later, fault: trap, count: () => 1 } },
        poisonedBy: undefined,
        poison,
        memoryBytes: () => 0,
        memoryIsFull: () => false,
      };
    },
  };
  const clock = new ManualClock();
  const supervisor = new Supervisor({
    extension: 'x',
    consumer: undefined,
    pipeline: undefined,
    component,
    isConfigured: false,
    hasLifecycle: false,
    hasCheckpoint: false,
    signalsReady: false,
    config: undefined,
    limits: DEFAULT_LIMITS,
    grants: NO_GRANTS,
    budget: undefined,
    supervision: DEFAULT_SUPERVISION,
    clock,
    random: () => 1,
    log: pino({ enabled: false }),
    onEvent: undefined,
  });
  const probe = supervisor.bind(Probe);
  supervisor.start();
  return { supervisor, probe, clock };
}

test('a fault of another call ends it', async () => {
  const { probe } = await standIn();
  const call = probe.later();
  caught(() => probe.fault(0));
  await expect(call).rejects.toMatchObject({ code: 'WEIR_CAPABILITY_UNAVAILABLE', faulted: false });
});

test('a stop ends it', async () => {
  const { supervisor, probe } = await standIn();
  const call = probe.later();
  supervisor.stop('shutdown');
  await expect(call).rejects.toMatchObject({ faulted: false, message: /is stopped/ });
});

test('what took it down says nothing of the successor', async () => {
  const { supervisor, probe } = await standIn(true);
  const call = probe.later();
  expect(caught(() => probe.fault(0))).toMatchObject({ faulted: true });
  await expect(call).rejects.toMatchObject({ faulted: false });
  expect(supervisor.status()).toMatchObject({ state: 'degraded', faults: 1, restarts: 1 });
  expect(probe.count()).toBe(1);
});
