/** Start, timers and stop: what the lifecycle of an extension promises. */
import { describe, expect, test } from 'vitest';
import { badConfigs, faults } from './probe.ts';
import { caught, supervise } from './supervised.ts';

describe('a first start that fails', () => {
  test.each([
    [badConfigs.refusedByConfigure, 'refused its configuration: no such setting'],
    [badConfigs.trapsInConfigure, 'faulted in `configure`'],
    [badConfigs.refusedByStart, 'refused to start: no such setting'],
    [badConfigs.trapsInStart, 'faulted in `start`'],
  ])('is told to the caller and never tried again: %s', async (config, message) => {
    const { instance, probe, clock } = await supervise({ config });
    expect(caught(() => instance.start())).toMatchObject({
      code: 'WEIR_EXTENSION_START',
      message: expect.stringContaining(`extension \`probe\` ${message}`),
    });
    expect(instance.status().instances[0]).toMatchObject({ state: 'failed', faults: 1 });
    expect(clock.pendingTimers).toBe(0);
    expect(caught(() => probe.count())).toMatchObject({ faulted: false, message: /could not be started/ });
  });
});

test('without configuration, `configure` gets an empty object', async () => {
  const { instance, probe } = await supervise();
  instance.start();
  expect(probe.configLength()).toBe(2);
});

test('a passive extension needs neither configuration nor lifecycle', async () => {
  const { instance, probe } = await supervise({}, ['probe']);
  instance.start();
  expect(probe.configLength()).toBe(0);
  expect(instance.status().kind).toBe('passive');
  instance.stop('shutdown');
});

describe('timers', () => {
  test('come due once, or again and again, until cancelled', async () => {
    const { instance, probe, clock } = await supervise();
    instance.start();
    probe.setTimer(100, false);
    const repeated = probe.setTimer(1000, true);
    await clock.advance(500);
    expect(probe.timersDue()).toBe(1);
    await clock.advance(3000);
    expect(probe.timersDue()).toBe(4);
    probe.cancelTimer(repeated);
    probe.cancelTimer(12345);
    await clock.advance(10_000);
    expect(probe.timersDue()).toBe(4);
    expect(instance.status().instances[0]!.timersPending).toBe(0);
  });

  test('a period of nothing is a millisecond', async () => {
    const { instance, probe, clock } = await supervise();
    instance.start();
    probe.setTimer(0, true);
    await clock.advance(5);
    expect(probe.timersDue()).toBe(5);
  });

  test('one too many is a fault', async () => {
    const limits = { timers: 3, memoryBytes: 2 ** 20, logLinesPerSecond: 10 };
    const { instance, probe, clock } = await supervise({ limits });
    instance.start();
    for (let i = 0; i < 3; i++) probe.setTimer(1000, false);
    await clock.advance(1000);
    for (let i = 0; i < 3; i++) probe.setTimer(1000, false);
    expect(caught(() => probe.setTimer(1000, false))).toMatchObject({ faulted: true });
    expect(instance.status().instances[0]!.lastFaults).toMatchObject([
      { kind: 'host-service', message: expect.stringContaining('more than 3 timers') },
    ]);
  });
});

describe('stop', () => {
  test('tells the guest, ends its timers, and leaves bindings that say so', async () => {
    const { instance, probe, clock, events, lines } = await supervise();
    instance.start();
    probe.setTimer(10, true);
    instance.stop('shutdown');
    expect(lines).toMatchObject([{ msg: 'hello', extension: 'probe' }]);
    expect(events.at(-1)).toMatchObject({ type: 'stopped' });
    expect(clock.pendingTimers).toBe(0);
    expect(caught(() => probe.count())).toMatchObject({ faulted: false, message: /is stopped/ });
    expect(instance.status().instances[0]).toMatchObject({ state: 'stopped', memoryBytes: 0 });
  });

  test('a fault in it is recorded and nothing is restarted', async () => {
    const { instance, clock } = await supervise({ config: badConfigs.trapsInStop });
    instance.start();
    instance.stop('shutdown');
    await clock.advance(100_000);
    expect(instance.status().instances[0]).toMatchObject({
      state: 'stopped',
      faults: 1,
      restarts: 0,
      lastFaults: [{ function: 'weir:extension/lifecycle@0.1.0#stop' }],
    });
  });

  test('while an instance is down, the restart is called off', async () => {
    const { instance, probe, clock } = await supervise();
    instance.start();
    caught(() => probe.fault(faults.unreachable));
    caught(() => probe.fault(faults.unreachable));
    instance.stop('shutdown');
    await clock.advance(100_000);
    expect(instance.status().instances[0]).toMatchObject({ state: 'stopped', restarts: 1 });
    expect(clock.pendingTimers).toBe(0);
  });
});
