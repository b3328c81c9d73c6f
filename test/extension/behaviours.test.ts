/**
 * What the engine that inspired this one promises of its extensions, held here by the same numbers.
 *
 * Left out, each with what holds instead:
 *
 * | number | there | here |
 * |---|---|---|
 * | 2, 8, 9 | a capability has a local and a shared flavour, with adapters between them | one memory on one thread serves all: there is one `require`, and 1 covers it |
 * | 19 | clones of an extension drift apart unless their author shares every field | they cannot: see 20; a provider that wants one instance for each consumer says so, see 21 |
 * | 29 | the task of an extension returns before its shutdown | an extension has no task that could return; one that faults is replaced (`fault-restarts`), or quarantined |
 * | 36 | a shutdown overtakes queued messages, then the channel closes | nothing is queued: `stop` is a call, after which no timer comes due |
 *
 * 31, 34: also in `readiness`. 35 and 38 are about configurations alone: `test/config`.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CapabilityContract } from '../../host/capability/contract.ts';
import { embedManifest } from '../../host/extension/manifest.ts';
import { Engine } from '../../host/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { ACTIVE, at, prepare } from './prepared.ts';
import { badConfigs, makeProbe, Probe, probeInterfaces, readiness } from './probe.ts';
import { caught } from './supervised.ts';

/** A second capability that the probe provides. */
const Second: CapabilityContract<Probe> = { ...Probe, name: 'second' };

const one = () => prepare({ extensions: { x: ACTIVE }, nodes: { node: { probe: 'x' }, other: {} } });

test.each([
  ['1. required twice', 'require', 'require'],
  ['4. required, then asked for as optional', 'require', 'optional'],
  ['5. asked for as optional and given, then required', 'optional', 'require'],
] as const)('%s, a capability is claimed already', async (_, first, second) => {
  const capabilities = (await one()).capabilities('node');
  capabilities[first](Probe);
  expect(caught(() => capabilities[second](Probe))).toMatchObject({
    code: 'WEIR_CAPABILITY_ALREADY_CLAIMED',
  });
});

test('6. an optional capability that is not bound is undefined', async () => {
  expect((await one()).capabilities('other').optional(Probe)).toBeUndefined();
});

test('7. a required capability that is not bound is an error with its name', async () => {
  const { capabilities } = await one();
  expect(caught(() => capabilities('other').require(Probe))).toMatchObject({
    code: 'WEIR_CAPABILITY_NOT_BOUND',
    message: expect.stringContaining('`probe`'),
  });
});

test('10. two nodes may bind one extension; the first claim makes it needed', async () => {
  const made = await prepare({
    extensions: { x: ACTIVE },
    nodes: { a: { probe: 'x' }, b: { probe: 'x' } },
  });
  made.claim('a');
  await made.prepared.start();
  expect(made.prepared.status()[0]).toMatchObject({ consumers: ['a'], instances: [{ state: 'ready' }] });
  expect(made.claim('b').count()).toBe(1);
});

test.each([
  [
    '11. to an unknown extension',
    { probe: 'y' },
    'WEIR_CAPABILITY_UNKNOWN_EXTENSION',
    /no extension.*named `y`/,
  ],
  ['13. that nobody provides', { second: 'timer' }, 'WEIR_CAPABILITY_NOT_PROVIDED', /no extension.*provides/],
  [
    '14. to an extension that does not provide it',
    { probe: 'timer' },
    'WEIR_CAPABILITY_NOT_PROVIDED_HERE',
    /`timer` does not provide/,
  ],
  [
    '17. to a background extension',
    { second: 'timer' },
    'WEIR_CAPABILITY_NOT_PROVIDED',
    /`timer` provides nothing/,
  ],
])('%s, a binding is refused', async (_, bindings, code, message) => {
  const unprovided = { ...Second, interface: 'test:probe/second@1.0.0' };
  const failed = await prepare({
    extensions: { x: ACTIVE, timer: ['lifecycle'] },
    nodes: { node: bindings as Record<string, string> },
    contracts: [unprovided],
  }).catch((error) => error);
  expect(failed.errors).toHaveLength(1);
  expect(failed.errors[0].code).toBe(code);
  expect(`${failed.errors[0].message}; ${failed.errors[0].hint}`).toMatch(message);
});

test('18. of two providers of one capability each node gets the one that it names', async () => {
  const { prepared, claim } = await prepare({
    extensions: { x: ACTIVE, y: ACTIVE },
    nodes: { a: { probe: 'x' }, b: { probe: 'y' } },
  });
  const [a, b] = [claim('a'), claim('b')];
  await prepared.start();
  a.count();
  expect([a.count(), b.count()]).toEqual([2, 1]);
});

test('20. what one node does to an extension, the other one sees', async () => {
  const { prepared, claim } = await prepare({
    extensions: { x: ACTIVE },
    nodes: { a: { probe: 'x' }, b: { probe: 'x' } },
  });
  const [a, b] = [claim('a'), claim('b')];
  await prepared.start();
  a.count();
  expect(b.count()).toBe(2);
});

test('21. with `per-consumer` there is one instance for each consuming node, however much it claims', async () => {
  const bytes = embedManifest(await makeProbe(['probe']), {
    urn: 'urn:test:extension:probe',
    version: '1.0.0',
    description: 'A probe.',
    ...probeInterfaces(['probe']),
    instances: 'per-consumer',
  });
  const { prepared, capabilities } = await prepare({
    extensions: { x: bytes },
    nodes: { a: { probe: 'x', second: 'x' }, b: { probe: 'x' }, c: { probe: 'x' } },
    contracts: [Second],
  });
  const a = capabilities('a');
  const [probe, second] = [a.require(Probe), a.require(Second)];
  capabilities('b').require(Probe);
  await prepared.start();
  expect(prepared.status()[0]!.instances.map(({ consumer }) => consumer)).toEqual(['a', 'b']);
  probe.count();
  expect(second.count()).toBe(2);
});

test('22. of an extension with two capabilities, one claim is enough', async () => {
  const { prepared, claim } = await prepare({
    extensions: { x: ACTIVE },
    nodes: { node: { probe: 'x' } },
    contracts: [Second],
  });
  const probe = claim('node');
  await prepared.start();
  expect(prepared.status()[0]!.provides).toEqual(['probe', 'second']);
  expect(probe.count()).toBe(1);
});

test('23. an active extension that nobody bound is never started; a background one is', async () => {
  const { prepared, events } = await prepare({ extensions: { x: ACTIVE, timer: ['lifecycle'] }, nodes: {} });
  await prepared.start();
  expect(events.map(({ type, extension }) => `${type} ${extension}`)).toEqual(['started timer']);
});

test('25. nodes are made, and claim, before extensions start', async () => {
  const { prepared, claim } = await prepare({ extensions: { x: ACTIVE }, nodes: { node: { probe: 'x' } } });
  const probe = claim('node');
  expect(caught(() => probe.count())).toMatchObject({ message: /has not started yet/ });
  await prepared.start();
  expect(probe.count()).toBe(1);
});

test('26, 27. extensions start before any node runs, and stop after every node has', async () => {
  const wasm = join(await temporaryFolder(), 'background.wasm');
  await writeFile(wasm, await makeProbe(['lifecycle']));
  const seen: string[] = [];
  let engine: Engine | undefined;
  engine = await Engine.start(
    {
      version: 'weir/v1',
      groups: {
        g: {
          pipelines: {
            p: {
              extensions: { background: { wasm } },
              nodes: {
                in: { type: 'receiver:otlp', config: { listen: '127.0.0.1:0' } },
                out: { type: 'exporter:noop' },
              },
              connections: [{ from: 'in', to: 'out' }],
            },
          },
        },
      },
    },
    {
      log: { level: 'info', destination: { write: (line: string) => seen.push(JSON.parse(line).msg) } },
      onEvent: ({ type }) => {
        const nodes = engine?.status().pipelines[0]?.state;
        seen.push(nodes === undefined ? type : `${type}, nodes ${nodes}`);
      },
    },
  );
  await engine.stop();
  expect(seen.slice(0, 2)).toEqual(['started', 'receiving OTLP over HTTP']);
  expect(seen).toContain('stopped, nodes stopped');
});

test('28, 30. a refused start ends the start with its reason and stops those that had started', async () => {
  const { prepared, claim, events } = await prepare({
    extensions: { x: ACTIVE, y: ACTIVE },
    nodes: { a: { probe: 'x' }, b: { probe: 'y' } },
    configs: { y: badConfigs.refusedByStart },
  });
  claim('a');
  claim('b');
  await expect(prepared.start()).rejects.toMatchObject({
    message: 'extension `y` refused to start: no such setting',
    position: at(2),
  });
  expect(events.at(-1)).toMatchObject({ type: 'stopped', extension: 'x' });
});

test.each([
  ['31. is late', readiness.neverWithATimer, 5_000, /`x` is not ready: .* within 5000 ms/],
  ['34. can say so no more', readiness.neverWithout, 0, /`x` is not ready: .* no timer pending/],
])(
  'an extension that is to say when it is ready and %s ends the start by its name',
  async (_, config, ms, message) => {
    const { prepared, claim, clock } = await prepare({
      extensions: { x: [...ACTIVE, 'readiness'] },
      nodes: { node: { probe: 'x' } },
      configs: { x: config },
    });
    claim('node');
    const start = expect(prepared.start()).rejects.toMatchObject({ message: expect.stringMatching(message) });
    await clock.advance(ms);
    await start;
  },
);

test('36. after a stop nothing reaches the guest, not even a timer that was due', async () => {
  const { prepared, claim, clock } = await prepare({
    extensions: { x: ACTIVE },
    nodes: { node: { probe: 'x' } },
    configs: { x: badConfigs.trapsInTimer },
  });
  const probe = claim('node');
  await prepared.start();
  probe.setTimer(0, true);
  await prepared.stop('shutdown');
  await clock.advance(1_000);
  expect(prepared.status()[0]!.instances[0]).toMatchObject({ state: 'stopped', faults: 0 });
});
