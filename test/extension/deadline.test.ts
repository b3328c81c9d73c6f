/** A guest that does not come back is stopped, told of and replaced; nobody else notices. */
import { expect, test } from 'vitest';
import { badConfigs, faults } from './probe.ts';
import { caught, supervise } from './supervised.ts';

const limits = { callDeadlineMs: 40 };

test('a call is stopped at its deadline, while a neighbour goes on', async () => {
  const { instance, probe } = await supervise({ limits });
  const neighbour = await supervise({ limits });
  instance.start();
  neighbour.instance.start();
  neighbour.probe.count();
  expect(caught(() => probe.fault(faults.deadline))).toMatchObject({
    faulted: true,
    message: expect.stringMatching(
      /^extension `probe` faulted: .* ran longer than its deadline and was stopped$/,
    ),
  });
  expect(neighbour.probe.count()).toBe(2);
  expect(neighbour.instance.status().instances[0]).toMatchObject({ state: 'ready', faults: 0 });
});

test('time that calls took before one does not count', async () => {
  const { instance, probe } = await supervise({ limits: { callDeadlineMs: 100 } });
  instance.start();
  const end = performance.now() + 300;
  while (performance.now() < end) probe.count();
  expect(instance.status().instances[0]).toMatchObject({ state: 'ready', faults: 0 });
});

test('a start is stopped at its own deadline', async () => {
  const { instance } = await supervise({ limits: { startDeadlineMs: 40 }, config: badConfigs.spinsInStart });
  expect(caught(() => instance.start())).toMatchObject({
    code: 'WEIR_EXTENSION_START',
    message: expect.stringMatching(/^extension `probe` faulted in `start`: .* ran longer than its deadline/),
  });
  expect(instance.status().instances[0]!.lastFaults).toMatchObject([{ kind: 'deadline' }]);
});
