/** A fault costs an instance, never the extension: it is replaced, and consumers hold on to their binding. */
import { expect, test } from 'vitest';
import { CapabilityError } from '../../host/capability/errors.ts';
import { ComponentError } from '../../host/component/errors.ts';
import { DEFAULT_SUPERVISION } from '../../host/config/model.ts';
import { RestartPolicy } from '../../host/extension/restart-policy.ts';
import { badConfigs, faults } from './probe.ts';
import { caught, supervise } from './supervised.ts';

const SUPERVISION = {
  ...DEFAULT_SUPERVISION,
  restart: { max: 100, windowMs: 60_000, backoff: { initialMs: 100, maxMs: 1000, jitter: 0 } },
};

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
  const { instance, probe, clock } = await supervise({ supervision: SUPERVISION });
  instance.start();
  probe.count();

  const error = caught(() => probe.fault(way)) as CapabilityError;
  expect(error).toBeInstanceOf(CapabilityError);
  expect(error).toMatchObject({ extension: 'probe', capability: 'probe', faulted: true });
  const [replaced] = instance.status().instances;
  expect(replaced).toMatchObject({ state: 'degraded', faults: 1, restarts: 1, unavailable: 0 });
  expect(replaced!.lastFaults).toEqual([
    expect.objectContaining({ detail, at: clock.now(), function: 'test:probe/probe@1.0.0#fault' }),
  ]);
  expect(replaced!.lastFaults[0]!.stack[0]).toContain('wasm');
  expect(probe.count()).toBe(1);
});

test('after a second fault calls are refused until the wait is over', async () => {
  const { instance, probe, clock } = await supervise({ supervision: SUPERVISION });
  instance.start();
  caught(() => probe.fault(faults.unreachable));
  caught(() => probe.fault(faults.unreachable));
  const [down] = instance.status().instances;
  expect(down).toMatchObject({ state: 'restarting', faults: 2, restarts: 1, restartAt: clock.now() + 100 });
  expect(caught(() => probe.count())).toMatchObject({ faulted: false, message: /next restart in 100 ms/ });
  await clock.advance(100);
  expect(probe.count()).toBe(1);
  expect(instance.status().instances[0]).toMatchObject({ state: 'degraded', restarts: 2, unavailable: 1 });
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

test('the first fault of a window has no wait; then waits double, up to their maximum', async () => {
  const { instance, probe, clock } = await supervise({ supervision: SUPERVISION });
  instance.start();
  const waits: number[] = [];
  const faultAndWait = async () => {
    caught(() => probe.fault(faults.unreachable));
    const wait = (instance.status().instances[0]!.restartAt ?? clock.now()) - clock.now();
    waits.push(wait);
    await clock.advance(wait);
  };
  for (let i = 0; i < 7; i++) await faultAndWait();
  expect(waits).toEqual([0, 100, 200, 400, 800, 1000, 1000]);
  await clock.advance(60_000);
  await faultAndWait();
  expect(waits.at(-1)).toBe(0);
});

test('jitter shortens a wait by no more than its part', () => {
  const { restart } = DEFAULT_SUPERVISION;
  const waits = [0, 0.5, 0.999].map((random) => {
    const policy = new RestartPolicy(restart, () => random);
    policy.next(0);
    return policy.next(1);
  });
  expect(waits).toEqual([100, 75, expect.closeTo(50.05, 2)]);
});

test('a start that fails during a restart is a fault like another, and is tried again', async () => {
  const { instance, probe, clock, events } = await supervise({
    config: badConfigs.trapsInStartForAWhile,
    supervision: SUPERVISION,
  });
  instance.start();
  await clock.advance(1);
  caught(() => probe.fault(faults.unreachable));
  await clock.advance(4_500);
  const [down] = instance.status().instances;
  expect(down!.state).toBe('restarting');
  expect(down).toMatchObject({ restarts: 0 });
  expect(down!.lastFaults.at(-1)).toMatchObject({
    kind: 'trap',
    detail: 'unreachable',
    function: 'weir:extension/lifecycle@0.1.0#start',
  });
  await clock.advance(1_500);
  expect(probe.count()).toBe(1);
  expect(instance.status().instances[0]).toMatchObject({ state: 'degraded', restarts: 1 });
  expect(events.at(-1)).toMatchObject({ type: 'restarted' });
});

test('a fresh instance is configured and started like the first, without the timers of the old one', async () => {
  const { instance, probe, clock } = await supervise({ config: { a: 1 }, supervision: SUPERVISION });
  instance.start();
  probe.setTimer(1000, true);
  caught(() => probe.fault(faults.unreachable));
  expect(instance.status().instances[0]!.timersPending).toBe(0);
  await clock.advance(10_000);
  expect(probe.configLength()).toBe('{"a":1}'.length);
  expect(probe.timersDue()).toBe(0);
});

test('a fault in a timer is recorded and replaced, too', async () => {
  const { instance, probe, clock } = await supervise({
    config: badConfigs.trapsInTimer,
    supervision: SUPERVISION,
  });
  instance.start();
  probe.setTimer(10, false);
  await clock.advance(10);
  expect(instance.status().instances[0]).toMatchObject({
    state: 'degraded',
    lastFaults: [
      { function: 'weir:extension/lifecycle@0.1.0#on-timer', kind: 'trap', detail: 'unreachable' },
    ],
  });
  await clock.advance(100);
  expect(probe.timersDue()).toBe(0);
});

test('events and log lines tell of a fault with its function, of the restart, and of a quiet window', async () => {
  const { instance, probe, clock, events, lines } = await supervise({ supervision: SUPERVISION });
  instance.start();
  caught(() => probe.fault(faults.unreachable));
  await clock.advance(60_000);
  expect(events).toMatchObject([
    { type: 'started', extension: 'probe', state: 'ready' },
    {
      type: 'faulted',
      restartInMs: 0,
      fault: { function: 'test:probe/probe@1.0.0#fault' },
      state: 'restarting',
    },
    { type: 'restarted', state: 'degraded' },
    { type: 'recovered', state: 'ready' },
  ]);
  expect(lines).toMatchObject([
    { level: 40, extension: 'probe', restartInMs: 0 },
    { level: 30, extension: 'probe', msg: 'extension restarted' },
    { level: 30, extension: 'probe', msg: 'extension recovered' },
  ]);
});

test('a function that may suspend fails by rejection alone', async () => {
  const { instance, probe, clock } = await supervise({ supervision: SUPERVISION });
  await expect(probe.later()).rejects.toMatchObject({ faulted: false });
  instance.start();
  expect(await probe.later()).toBe(42);
  caught(() => probe.fault(faults.unreachable));
  expect(await probe.later()).toBe(42);
  caught(() => probe.fault(faults.unreachable));
  await expect(probe.later()).rejects.toBeInstanceOf(CapabilityError);
  await clock.advance(100);
  expect(await probe.later()).toBe(42);
});

test('only the last few faults are kept, all are counted', async () => {
  const { instance, probe, clock } = await supervise({ supervision: SUPERVISION });
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
  const { instance, probe, clock, events, lines } = await supervise({ supervision: SUPERVISION });
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
