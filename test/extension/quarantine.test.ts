/** An extension that faults too often is left alone for a while, and comes back when one call went well. */
import { expect, test } from 'vitest';
import { CapabilityError } from '../../host/capability/errors.ts';
import { DEFAULT_SUPERVISION } from '../../host/config/model.ts';
import { badConfigs, faults } from './probe.ts';
import { caught, type Supervised, supervise } from './supervised.ts';

const supervision = {
  ...DEFAULT_SUPERVISION,
  restart: { max: 2, windowMs: 10_000, backoff: { initialMs: 100, maxMs: 100, jitter: 0 } },
  quarantine: { cooldownMs: 5_000 },
};

async function quarantined(config?: unknown): Promise<Supervised> {
  const supervised = await supervise({ supervision, config });
  supervised.instance.start();
  for (let i = 0; i < 3; i++) {
    caught(() => supervised.probe.fault(faults.unreachable));
    await supervised.clock.advance(100);
  }
  return supervised;
}

const status = ({ instance }: Supervised) => instance.status().instances[0]!;

test('one fault more than `max` within the window quarantines it: calls fail at once', async () => {
  const supervised = await quarantined();
  const { probe, clock, events, lines } = supervised;
  expect(status(supervised)).toMatchObject({ state: 'quarantined', faults: 3, restarts: 2 });
  expect(status(supervised).restartAt).toBe(clock.now() - 100 + 5_000);
  const error = caught(() => probe.count());
  expect(error).toBeInstanceOf(CapabilityError);
  expect(error).toMatchObject({ faulted: false, message: /is quarantined: .*; next tried in 4900 ms/ });
  expect(events.map(({ type, state }) => `${type} → ${state}`).slice(-2)).toEqual([
    'faulted → restarting',
    'quarantined → quarantined',
  ]);
  expect(events.at(-1)).toMatchObject({ probeInMs: 5_000 });
  expect(lines.at(-1)).toMatchObject({ level: 50, probeInMs: 5_000 });
});

test('faults that are spread out do not', async () => {
  const supervised = await supervise({ supervision });
  supervised.instance.start();
  for (let i = 0; i < 10; i++) {
    caught(() => supervised.probe.fault(faults.unreachable));
    await supervised.clock.advance(5_000);
  }
  expect(status(supervised)).toMatchObject({ faults: 10, restarts: 10 });
});

test('after the cooldown one good call brings it back, with a clean record', async () => {
  const supervised = await quarantined();
  const { probe, clock, events } = supervised;
  await clock.advance(5_000);
  expect(status(supervised)).toMatchObject({ state: 'degraded', restartAt: undefined });
  expect(probe.count()).toBe(1);
  expect(status(supervised)).toMatchObject({ state: 'ready' });
  expect(events.slice(-2)).toMatchObject([{ type: 'probed' }, { type: 'recovered', state: 'ready' }]);
  caught(() => probe.fault(faults.unreachable));
  expect(probe.count()).toBe(1);
});

test('an `err` of the guest is a good call', async () => {
  const supervised = await quarantined();
  await supervised.clock.advance(5_000);
  caught(() => supervised.probe.even(1));
  expect(status(supervised)).toMatchObject({ state: 'ready' });
});

test('arguments of the wrong type decide nothing', async () => {
  const supervised = await quarantined();
  await supervised.clock.advance(5_000);
  expect(caught(() => supervised.probe.even('2' as never))).toBeInstanceOf(TypeError);
  expect(status(supervised)).toMatchObject({ state: 'degraded' });
  expect(supervised.probe.even(2)).toBe(2);
  expect(status(supervised)).toMatchObject({ state: 'ready' });
});

test('while a call that suspends is the probe, others are refused', async () => {
  const supervised = await quarantined();
  const { probe, clock } = supervised;
  await clock.advance(5_000);
  const first = probe.later();
  expect(caught(() => probe.count())).toMatchObject({ faulted: false, message: /on trial/ });
  expect(await first).toBe(42);
  expect(probe.count()).toBe(1);
});

test('a fault on trial sends it back for another cooldown', async () => {
  const supervised = await quarantined();
  const { probe, clock } = supervised;
  await clock.advance(5_000);
  expect(caught(() => probe.fault(faults.unreachable))).toMatchObject({ faulted: true });
  expect(status(supervised)).toMatchObject({ state: 'quarantined', restartAt: clock.now() + 5_000 });
  await clock.advance(5_000);
  expect(probe.count()).toBe(1);
});

test('a start that fails on trial does so, too', async () => {
  const supervised = await supervise({ supervision, config: badConfigs.trapsInStartForAWhile });
  const { instance, probe, clock } = supervised;
  instance.start();
  await clock.advance(100);
  // Restarts trap until 5,000 of each 10,000 ms.
  caught(() => probe.fault(faults.unreachable));
  await clock.advance(100);
  expect(status(supervised)).toMatchObject({ state: 'quarantined', faults: 3 });
  const since = clock.now();
  await clock.advance(5_000);
  expect(status(supervised)).toMatchObject({ state: 'degraded' });
  expect(clock.now() - since).toBe(5_000);
});

test('without a call, a window without a fault ends the trial', async () => {
  const supervised = await quarantined();
  await supervised.clock.advance(5_000 + 10_000);
  expect(status(supervised)).toMatchObject({ state: 'ready' });
});

test('a stop ends it', async () => {
  const supervised = await quarantined();
  supervised.instance.stop('shutdown');
  expect(status(supervised)).toMatchObject({ state: 'stopped' });
  expect(supervised.clock.pendingTimers).toBe(0);
});

test('with `max: 0` the first fault quarantines', async () => {
  const supervised = await supervise({
    supervision: { ...supervision, restart: { ...supervision.restart, max: 0 } },
  });
  supervised.instance.start();
  caught(() => supervised.probe.fault(faults.unreachable));
  expect(status(supervised)).toMatchObject({ state: 'quarantined' });
});
