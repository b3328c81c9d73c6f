/** An extension that says itself when it is ready is waited for, and not for ever. */
import { expect, test } from 'vitest';
import { DEFAULT_SUPERVISION } from '../../host/config/model.ts';
import { readProvider } from '../../host/extension/provider.ts';
import { faults, makeProbe, Probe, readiness } from './probe.ts';
import { caught, supervise } from './supervised.ts';

const SIGNALS = ['configured', 'lifecycle', 'probe', 'readiness'];

test('one that says so in `start` is ready at once', async () => {
  const { instance, probe } = await supervise({}, SIGNALS);
  instance.start();
  await instance.ready();
  expect(probe.count()).toBe(1);
});

test('one that says so later is waited for: until then it is starting, and calls are refused', async () => {
  const { instance, probe, clock, events } = await supervise({ config: readiness.afterATimer }, SIGNALS);
  instance.start();
  let isReady = false;
  const ready = instance.ready().then(() => {
    isReady = true;
  });
  await clock.advance(99);
  expect(isReady).toBe(false);
  expect(instance.status().instances[0]).toMatchObject({ state: 'starting', timersPending: 1 });
  expect(caught(() => probe.count())).toMatchObject({ faulted: false, message: /is not ready yet/ });
  expect(events).toEqual([]);
  await clock.advance(1);
  await ready;
  expect(probe.count()).toBe(1);
  expect(events).toMatchObject([{ type: 'started', state: 'ready' }]);
});

test('one that does not say so in time fails, by name', async () => {
  const { instance, probe, clock } = await supervise({ config: readiness.neverWithATimer }, SIGNALS);
  instance.start();
  const ready = expect(instance.ready()).rejects.toMatchObject({
    code: 'WEIR_EXTENSION_START',
    message: 'extension `probe` is not ready: it did not call `signal-ready` within 5000 ms',
  });
  await clock.advance(5_000);
  await ready;
  expect(instance.status().instances[0]).toMatchObject({ state: 'failed', faults: 1 });
  expect(clock.pendingTimers).toBe(0);
  expect(caught(() => probe.count())).toMatchObject({ message: /could not be started/ });
});

test('one that never could fails at once', async () => {
  const { instance } = await supervise({ config: readiness.neverWithout }, SIGNALS);
  instance.start();
  await expect(instance.ready()).rejects.toMatchObject({ message: /no timer pending/ });
});

test('one that faults meanwhile fails at once', async () => {
  const { instance, clock } = await supervise({ config: readiness.trapsInATimer }, SIGNALS);
  instance.start();
  const ready = expect(instance.ready()).rejects.toMatchObject({
    message: expect.stringContaining('extension `probe` faulted before it was ready'),
  });
  await clock.advance(100);
  await ready;
  expect(instance.status().instances[0]).toMatchObject({
    state: 'failed',
    lastFaults: [{ function: 'weir:extension/lifecycle@0.1.0#on-timer' }],
  });
});

test('one that is stopped meanwhile fails at once, and is stopped', async () => {
  const { instance, lines } = await supervise({ config: readiness.afterATimer }, SIGNALS);
  instance.start();
  const ready = expect(instance.ready()).rejects.toMatchObject({ message: /stopped/ });
  instance.stop('shutdown');
  await ready;
  expect(instance.status().instances[0]).toMatchObject({ state: 'stopped' });
  expect(lines).toMatchObject([{ msg: 'hello' }]);
});

test('one that takes the place of another is waited for as well, and its lateness is a fault', async () => {
  const supervision = { ...DEFAULT_SUPERVISION, readyWithinMs: 200 };
  const { instance, probe, clock } = await supervise({ config: readiness.afterATimer, supervision }, SIGNALS);
  instance.start();
  await clock.advance(100);
  caught(() => probe.fault(faults.unreachable));
  expect(instance.status().instances[0]).toMatchObject({ state: 'restarting', restarts: 0 });
  await clock.advance(100);
  expect(instance.status().instances[0]).toMatchObject({ state: 'degraded', restarts: 1 });
  expect(probe.count()).toBe(1);
});

test('one with nothing to start has nothing to wait for', async () => {
  const bytes = await makeProbe(['probe', 'readiness']);
  expect(caught(() => readProvider(bytes, [Probe]))).toMatchObject({ code: 'WEIR_EXTENSION_READINESS' });
});
