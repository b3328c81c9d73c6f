/** Limits of the configuration reach the component instances, and the engine's number of them holds. */
import { expect, test } from 'vitest';
import { InstanceBudget } from '../../host/extension/instance-budget.ts';
import { caught, supervise } from './supervised.ts';

test('transfer_size: one byte more faults', async () => {
  // The probe's message has 16 bytes, and so has its list of fields.
  for (const [transferBytes, faults] of [
    [17, 0],
    [16, 0],
    [15, 1],
  ] as const) {
    const { instance, probe } = await supervise({ limits: { transferBytes } });
    instance.start();
    if (faults === 0) probe.say(1);
    else caught(() => probe.say(1));
    expect(instance.status().instances[0]!.faults).toBe(faults);
  }
});

test('lift_size: one byte more faults', async () => {
  // A tuple of two strings costs 128 bytes in its list, the list 40, three strings 32 each and their text twice.
  const tuple = 8 + 40 + 2 * (8 + 32);
  const cost = 40 + 3 * 8 + 32 + 40 + 2 * 16 + tuple + 2 * 3 + 2 * 5;
  const { instance, probe } = await supervise({ limits: { liftBytes: cost } });
  instance.start();
  probe.say(1);
  const other = await supervise({ limits: { liftBytes: cost - 1 } });
  other.instance.start();
  caught(() => other.probe.say(1));
  expect(other.instance.status().instances[0]!.faults).toBe(1);
});

test('instances: as many as the engine may run start, one more does not', async () => {
  const budget = new InstanceBudget(2);
  const start = async () => {
    const { instance } = await supervise({}, undefined, { budget });
    instance.start();
    return instance;
  };
  const first = await start();
  const second = await start();
  await expect(start()).rejects.toMatchObject({ code: 'WEIR_EXTENSION_INSTANCE_LIMIT' });
  first.stop('shutdown');
  first.stop('shutdown');
  expect(budget.taken).toBe(1);
  await start();
  second.stop('shutdown');
  expect(budget.taken).toBe(1);
});

test('instances: one that is replaced keeps its place, one that could not start leaves it', async () => {
  const budget = new InstanceBudget(1);
  const { instance, probe, clock } = await supervise({}, undefined, { budget });
  instance.start();
  caught(() => probe.fault(0));
  await clock.advance(1000);
  expect(instance.status().instances[0]).toMatchObject({ restarts: 1, state: 'degraded' });
  expect(budget.taken).toBe(1);
  instance.stop('shutdown');
  const refused = await supervise({ config: 'trap' }, undefined, { budget });
  caught(() => refused.instance.start());
  expect(budget.taken).toBe(0);
});
