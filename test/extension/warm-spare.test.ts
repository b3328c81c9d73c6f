/** A successor stands by, instantiated and configured, so that a fault costs its caller next to nothing. */
import { expect, test } from 'vitest';
import { DEFAULT_SUPERVISION } from '../../host/config/model.ts';
import { badConfigs, faults } from './probe.ts';
import { caught, supervise } from './supervised.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('it is made after the start, and made again after it took over', async () => {
  const { instance, probe } = await supervise();
  instance.start();
  expect(instance.status().instances[0]).toMatchObject({ hasSpare: false });
  await turn();
  expect(instance.status().instances[0]).toMatchObject({ hasSpare: true });
  caught(() => probe.fault(faults.unreachable));
  expect(instance.status().instances[0]).toMatchObject({ hasSpare: false, state: 'degraded' });
  expect(probe.count()).toBe(1);
  await turn();
  expect(instance.status().instances[0]).toMatchObject({ hasSpare: true });
  instance.stop('shutdown');
  expect(instance.status().instances[0]).toMatchObject({ hasSpare: false });
});

test('a fault is made good without one, too', async () => {
  const { instance, probe } = await supervise();
  instance.start();
  caught(() => probe.fault(faults.unreachable));
  expect(probe.count()).toBe(1);
  expect(probe.configLength()).toBe(2);
});

test('it has its configuration, and starts only when it takes over', async () => {
  const config = badConfigs.trapsInStartForAWhile;
  const { instance, probe, clock } = await supervise({ config });
  instance.start();
  // Were it started when it is made, within this turn, it would trap now.
  await clock.advance(1);
  expect(instance.status().instances[0]).toMatchObject({ hasSpare: true, faults: 0 });
  await clock.advance(9_999);
  caught(() => probe.fault(faults.unreachable));
  expect(probe.configLength()).toBe(JSON.stringify(config).length);
  expect(instance.status().instances[0]).toMatchObject({ state: 'degraded', faults: 1, restarts: 1 });
});

test('a fault and the next good call take less than a millisecond together', async () => {
  const { instance, probe, clock } = await supervise({
    supervision: {
      ...DEFAULT_SUPERVISION,
      restart: { max: 1000, windowMs: 1, backoff: { initialMs: 1, maxMs: 1, jitter: 0 } },
      quarantine: { cooldownMs: 1 },
    },
  });
  instance.start();
  const times: number[] = [];
  for (let i = 0; i < 200; i++) {
    await clock.advance(10);
    const start = performance.now();
    caught(() => probe.fault(faults.unreachable));
    probe.count();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  expect(times[100]).toBeLessThan(1);
});
