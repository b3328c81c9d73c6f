/** Of a list of extensions a call goes to the first that is not down. */
import { expect, test } from 'vitest';
import { ComponentError } from '../../host/component/errors.ts';
import { ACTIVE, prepare } from './prepared.ts';
import { badConfigs, faults, type Probe } from './probe.ts';
import { caught } from './supervised.ts';

async function twoForOne() {
  const made = await prepare({
    extensions: { a: ACTIVE, b: ACTIVE },
    nodes: { node: { probe: ['a', 'b'] }, other: { probe: 'b' } },
  });
  const probe = made.claim('node');
  const b = made.claim('other');
  await made.prepared.start();
  return { ...made, probe, b };
}

/** Two faults: the second one has to wait. */
function bringDown(probe: Probe): void {
  for (let i = 0; i < 2; i++) caught(() => probe.fault(faults.unreachable));
}

test('calls go to the first, while it is up', async () => {
  const { probe, b } = await twoForOne();
  probe.count();
  expect(probe.count()).toBe(2);
  expect(b.count()).toBe(1);
});

test('calls go to the next while the first is down, and come back with it', async () => {
  const { probe, b, clock, prepared } = await twoForOne();
  b.count();
  bringDown(probe);
  expect(prepared.status().map(({ instances }) => instances[0]!.state)).toEqual(['restarting', 'ready']);
  expect(probe.count()).toBe(2);
  expect(await probe.later()).toBe(42);
  await clock.advance(100);
  expect(probe.count()).toBe(1);
});

test('the last one that is down fails the call, by its name', async () => {
  const { probe, b } = await twoForOne();
  bringDown(probe);
  bringDown(b);
  expect(caught(() => probe.count())).toMatchObject({ faulted: false, extension: 'b' });
  await expect(probe.later()).rejects.toMatchObject({ faulted: false, extension: 'b' });
});

test('a call that faults the first is not made again', async () => {
  const { probe, prepared } = await twoForOne();
  expect(caught(() => probe.fault(faults.unreachable))).toMatchObject({ faulted: true, extension: 'a' });
  expect(prepared.status()[1]!.instances[0]).toMatchObject({ calls: 0, faults: 0 });
});

test('an `err` is an answer', async () => {
  const { probe, prepared } = await twoForOne();
  expect(caught(() => probe.even(1))).toBeInstanceOf(ComponentError);
  expect(prepared.status()[1]!.instances[0]).toMatchObject({ calls: 0 });
});

test('all of a list are started, and one that cannot start ends the start', async () => {
  const { prepared, claim } = await prepare({
    extensions: { a: ACTIVE, b: ACTIVE },
    nodes: { node: { probe: ['a', 'b'] } },
    configs: { b: badConfigs.refusedByStart },
  });
  claim('node');
  await expect(prepared.start()).rejects.toMatchObject({ message: /extension `b` refused to start/ });
});

test('each of a list must provide the capability', async () => {
  await expect(
    prepare({ extensions: { a: ACTIVE, b: ['lifecycle'] }, nodes: { node: { probe: ['a', 'b', 'c'] } } }),
  ).rejects.toMatchObject({
    errors: [
      { code: 'WEIR_CAPABILITY_NOT_PROVIDED_HERE', message: /`b` does not provide/ },
      { code: 'WEIR_CAPABILITY_UNKNOWN_EXTENSION', message: /named `c`/ },
    ],
  });
});
