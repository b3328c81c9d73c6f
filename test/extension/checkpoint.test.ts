/** State that an extension checkpoints survives its faults. */
import { expect, test } from 'vitest';
import { DEFAULT_SUPERVISION } from '../../host/config/model.ts';
import { checkpoint, faults } from './probe.ts';
import { caught, supervise } from './supervised.ts';

const SAVES = ['configured', 'lifecycle', 'probe', 'checkpoint'];

async function counting(config?: unknown, maxBytes = 1024) {
  const supervision = { ...DEFAULT_SUPERVISION, checkpoint: { everyMs: 10_000, maxBytes } };
  const supervised = await supervise({ config, supervision }, SAVES);
  supervised.instance.start();
  await supervised.clock.advance(0);
  return supervised;
}

test('it is saved after the start, and every so often', async () => {
  const { instance, clock, probe } = await counting();
  const start = clock.now();
  expect(instance.status().instances[0]).toMatchObject({ checkpointAt: start });
  probe.count();
  await clock.advance(25_000);
  expect(instance.status().instances[0]).toMatchObject({ checkpointAt: start + 20_000 });
});

test('a successor takes over what was saved last', async () => {
  const { clock, probe } = await counting();
  for (let i = 0; i < 5; i++) probe.count();
  await clock.advance(10_000);
  probe.count();
  caught(() => probe.fault(faults.unreachable));
  expect(probe.count()).toBe(6);
  // Nothing is saved of the instance that faulted, and nothing new has been saved since.
  caught(() => probe.fault(faults.unreachable));
  await clock.advance(100);
  expect(probe.count()).toBe(6);
});

test('without a checkpoint a successor starts anew', async () => {
  const { instance, probe } = await supervise();
  instance.start();
  probe.count();
  caught(() => probe.fault(faults.unreachable));
  expect(probe.count()).toBe(1);
  expect(instance.status().instances[0]).toMatchObject({ checkpointAt: undefined });
});

test.each([
  ['refused', checkpoint.refusesToRestore, 'start-failure'],
  ['fatal', checkpoint.trapsInRestore, 'trap'],
])('one that is %s is a fault and is dropped', async (_, config, kind) => {
  const { instance, clock, probe } = await counting(config);
  probe.count();
  caught(() => probe.fault(faults.unreachable));
  expect(instance.status().instances[0]).toMatchObject({
    state: 'restarting',
    faults: 2,
    checkpointAt: undefined,
  });
  expect(instance.status().instances[0]!.lastFaults[1]).toMatchObject({
    kind,
    function: 'weir:extension/checkpoint@0.1.0#restore',
  });
  await clock.advance(100);
  expect(probe.count()).toBe(1);
});

test('one that is too large is not kept, and that is said once', async () => {
  const { instance, clock, lines } = await counting(checkpoint.savesAPage, 65_535);
  await clock.advance(30_000);
  expect(instance.status().instances[0]).toMatchObject({ checkpointAt: undefined, faults: 0 });
  expect(lines.filter(({ msg }) => msg.includes('larger than `checkpoint.max_size`'))).toHaveLength(1);
  const other = await counting(checkpoint.savesAPage, 65_536);
  expect(other.instance.status().instances[0]!.checkpointAt).toBeDefined();
});

test('a fault while it is saved is a fault like another', async () => {
  const { instance } = await counting(checkpoint.trapsInSave);
  expect(instance.status().instances[0]).toMatchObject({
    faults: 1,
    restarts: 1,
    lastFaults: [{ function: 'weir:extension/checkpoint@0.1.0#save' }],
  });
});

test('a quarantine drops it: it may be what the extension faults on', async () => {
  const { instance, clock, probe } = await counting();
  probe.count();
  await clock.advance(10_000);
  for (let i = 0; i < 6; i++) {
    caught(() => probe.fault(faults.unreachable));
    if (i < 5) await clock.advance(2_000);
  }
  expect(instance.status().instances[0]).toMatchObject({ state: 'quarantined', checkpointAt: undefined });
  await clock.advance(30_000);
  expect(probe.count()).toBe(1);
});

test('a stop saves once more, before the guest is told of it', async () => {
  const { instance, clock, probe } = await counting();
  await clock.advance(5_000);
  probe.count();
  instance.stop('replaced');
  expect(instance.status().instances[0]).toMatchObject({ checkpointAt: clock.now(), faults: 0 });
});
