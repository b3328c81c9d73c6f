/** A fault costs an instance, never the extension: it is replaced, and consumers hold on to their binding. */
import { expect, test } from 'vitest';
import { CapabilityError } from '../../host/capability/errors.ts';
import { ComponentError } from '../../host/component/errors.ts';
import { badConfigs, faults } from './probe.ts';
import { caught, supervise } from './supervised.ts';

const RESTART = { initialMs: 100, maxMs: 1000, resetAfterMs: 60_000 };

test('a binding calls the guest, whose memory lasts', async () => {
  const { instance, probe } = await supervise();
  instance.start();
  probe.count();
  expect(probe.count()).toBe(2);
  expect(instance.status().instances[0]).toMatchObject({ state: 'ready', calls: 2, faults: 0, restarts: 0 });
});

test('before the start a call is refused and does not reach the guest', async () => {
  const { instance, probe } = await supervise();
  expect(caught(() => probe.count())).toMatchObject({ faulted: false, message: /has not started/ });
  instance.start();
  expect(probe.count()).toBe(1);
});

test.each(Object.entries(faults))('%s: told to the caller, recorded, replaced', async (detail, way) => {
  const { instance, probe, clock } = await supervise({ restart: RESTART });
  instance.start();
  probe.count();

  const error = caught(() => probe.fault(way)) as CapabilityError;
  expect(error).toBeInstanceOf(CapabilityError);
  expect(error).toMatchObject({ extension: 'probe', capability: 'probe', faulted: true });
  const [down] = instance.status().instances;
  expect(down).toMatchObject({ state: 'restarting', faults: 1, restarts: 0, restartAt: clock.now() + 100 });
  expect(down!.lastFaults).toEqual([
    expect.objectContaining({ detail, at: clock.now(), function: 'test:probe/probe@1.0.0#fault' }),
  ]);
  expect(down!.lastFaults[0]!.stack[0]).toContain('wasm');

  const meanwhile = caught(() => probe.count()) as CapabilityError;
  expect(meanwhile).toMatchObject({ faulted: false, message: /next restart in 100 ms/ });

  await clock.advance(100);
  expect(probe.count()).toBe(1);
  expect(instance.status().instances[0]).toMatchObject({ state: 'ready', restarts: 1, unavailable: 1 });
});

test('an err of the guest is an answer: no fault', async () => {
  const { instance, probe } = await supervise();
  instance.start();
  expect(probe.even(4)).toBe(4);
  const error = caught(() => probe.even(3));
  expect(error).toBeInstanceOf(ComponentError);
  expect((error as ComponentError).payload).toBe('odd');
  expect(instance.status().instances[0]).toMatchObject({ state: 'ready', faults: 0 });
});

test('the wait doubles at each fault in a row, up to its maximum, and starts again after a quiet time', async () => {
  const { instance, probe, clock } = await supervise({ restart: RESTART });
  instance.start();
  const waits: number[] = [];
  const faultAndWait = async () => {
    caught(() => probe.fault(faults.unreachable));
    const wait = instance.status().instances[0]!.restartAt! - clock.now();
    waits.push(wait);
    await clock.advance(wait);
  };
  for (let i = 0; i < 6; i++) await faultAndWait();
  expect(waits).toEqual([100, 200, 400, 800, 1000, 1000]);
  await clock.advance(60_000);
  await faultAndWait();
  expect(waits.at(-1)).toBe(100);
});

test('a start that fails during a restart is a fault like another, and is tried again', async () => {
  const { instance, probe, clock, events } = await supervise({
    config: badConfigs.trapsInStartForAWhile,
    restart: RESTART,
  });
  instance.start();
  caught(() => probe.fault(faults.unreachable));
  await clock.advance(4_500);
  const [down] = instance.status().instances;
  expect(down!.state).toBe('restarting');
  expect(down!.lastFaults.at(-1)).toMatchObject({
    kind: 'trap',
    detail: 'unreachable',
    function: 'weir:extension/lifecycle@0.1.0#start',
  });
  await clock.advance(1_500);
  expect(probe.count()).toBe(1);
  expect(instance.status().instances[0]).toMatchObject({ state: 'ready', restarts: 1 });
  expect(events.at(-1)).toMatchObject({ type: 'restarted' });
});

test('a fresh instance is configured and started like the first, without the timers of the old one', async () => {
  const { instance, probe, clock } = await supervise({ config: { a: 1 }, restart: RESTART });
  instance.start();
  probe.setTimer(1000, true);
  caught(() => probe.fault(faults.unreachable));
  expect(instance.status().instances[0]!.timersPending).toBe(0);
  await clock.advance(10_000);
  expect(probe.configLength()).toBe('{"a":1}'.length);
  expect(probe.timersDue()).toBe(0);
});

test('a fault in a timer is recorded and replaced, too', async () => {
  const { instance, probe, clock } = await supervise({ config: badConfigs.trapsInTimer, restart: RESTART });
  instance.start();
  probe.setTimer(10, false);
  await clock.advance(10);
  expect(instance.status().instances[0]).toMatchObject({
    state: 'restarting',
    lastFaults: [
      { function: 'weir:extension/lifecycle@0.1.0#on-timer', kind: 'trap', detail: 'unreachable' },
    ],
  });
  await clock.advance(100);
  expect(probe.timersDue()).toBe(0);
});

test('events and log lines tell of a fault with its function, and of the restart', async () => {
  const { instance, probe, clock, events, lines } = await supervise({ restart: RESTART });
  instance.start();
  caught(() => probe.fault(faults.unreachable));
  await clock.advance(100);
  expect(events).toMatchObject([
    { type: 'started', extension: 'probe' },
    { type: 'faulted', restartInMs: 100, fault: { function: 'test:probe/probe@1.0.0#fault' } },
    { type: 'restarted' },
  ]);
  expect(lines).toMatchObject([
    { level: 40, extension: 'probe', restartInMs: 100 },
    { level: 30, extension: 'probe', msg: 'extension restarted' },
  ]);
});

test('a function that may suspend fails by rejection alone', async () => {
  const { instance, probe, clock } = await supervise({ restart: RESTART });
  await expect(probe.later()).rejects.toMatchObject({ faulted: false });
  instance.start();
  expect(await probe.later()).toBe(42);
  caught(() => probe.fault(faults.unreachable));
  await expect(probe.later()).rejects.toBeInstanceOf(CapabilityError);
  await clock.advance(100);
  expect(await probe.later()).toBe(42);
});

test('only the last few faults are kept, all are counted', async () => {
  const { instance, probe, clock } = await supervise({ restart: RESTART });
  instance.start();
  for (let i = 0; i < 20; i++) {
    caught(() => probe.fault(faults.unreachable));
    await clock.advance(1000);
  }
  const [status] = instance.status().instances;
  expect(status).toMatchObject({ faults: 20, restarts: 20 });
  expect(status!.lastFaults).toHaveLength(8);
});

test('a listener that throws harms nobody', async () => {
  const { instance, probe, clock, events, lines } = await supervise({ restart: RESTART });
  events.push = () => {
    throw new RangeError('of the listener');
  };
  instance.start();
  caught(() => probe.fault(faults.unreachable));
  await clock.advance(100);
  expect(probe.count()).toBe(1);
  instance.stop('shutdown');
  expect(lines.filter((line) => line.msg === 'a listener for extension events threw')).toHaveLength(4);
});
