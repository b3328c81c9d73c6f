/** The extensions of a pipeline: prepared together, claimed by nodes, started first, stopped last. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS, DEFAULT_SUPERVISION } from '../../host/config/model.ts';
import { embedManifest } from '../../host/extension/manifest.ts';
import {
  PipelineExtensionsError,
  preparePipelineExtensions,
} from '../../host/extension/pipeline-extensions.ts';
import { NO_GRANTS } from '../../host/sandbox/grants.ts';
import { ManualClock } from '../manual-clock.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { ACTIVE, at, prepare } from './prepared.ts';
import { badConfigs, faults, makeProbe, Probe, probeInterfaces, readiness } from './probe.ts';

test('started are those that a node claimed, and background ones; the others are reported', async () => {
  const { prepared, claim, lines } = await prepare({
    extensions: {
      claimed: ACTIVE,
      unclaimed: ['probe'],
      unbound: ACTIVE,
      background: ['lifecycle'],
    },
    nodes: { in: { probe: 'claimed' }, out: { probe: 'unclaimed' } },
  });
  const probe = claim('in');
  await prepared.start();
  expect(
    prepared.status().map(({ name, kind, instances }) => [name, kind, instances.map((i) => i.state)]),
  ).toEqual([
    ['claimed', 'active', ['ready']],
    ['unclaimed', 'passive', []],
    ['unbound', 'active', []],
    ['background', 'background', ['ready']],
  ]);
  expect(lines.map((line) => line.msg)).toEqual([
    'extension `unclaimed` is bound by out, which did not claim it, and is not started',
    'extension `unbound` is bound by no node and is not started',
  ]);
  expect(probe.count()).toBe(1);
});

test('consumers of one pipeline share an instance, and with it one memory', async () => {
  const { prepared, claim } = await prepare({
    extensions: { x: ACTIVE },
    nodes: { a: { probe: 'x' }, b: { probe: 'x' } },
  });
  const [a, b] = [claim('a'), claim('b')];
  await prepared.start();
  a.count();
  expect(b.count()).toBe(2);
  expect(prepared.status()[0]).toMatchObject({ consumers: ['a', 'b'], policy: 'per-pipeline' });
});

test('with `per-consumer` each consuming node has an instance of its own, which faults alone', async () => {
  const bytes = embedManifest(await makeProbe(['probe']), {
    urn: 'urn:test:extension:probe',
    version: '1.2.3',
    description: 'A probe.',
    ...probeInterfaces(['probe']),
    instances: 'per-consumer',
  });
  const { prepared, claim } = await prepare({
    extensions: { x: bytes },
    nodes: { a: { probe: 'x' }, b: { probe: 'x' } },
  });
  const [a, b] = [claim('a'), claim('b')];
  await prepared.start();
  a.count();
  expect(b.count()).toBe(1);
  expect(() => a.fault(faults.unreachable)).toThrow();
  expect(b.count()).toBe(2);
  expect(prepared.status()[0]).toMatchObject({
    urn: 'urn:test:extension:probe',
    version: '1.2.3',
    instances: [
      { consumer: 'a', state: 'degraded' },
      { consumer: 'b', state: 'ready' },
    ],
  });
});

test('two extensions of one provider are two instances, and a fault of one leaves the other alone', async () => {
  const { prepared, claim } = await prepare({
    extensions: { x: ACTIVE, y: ACTIVE },
    nodes: { a: { probe: 'x' }, b: { probe: 'y' } },
  });
  const [a, b] = [claim('a'), claim('b')];
  await prepared.start();
  expect(() => a.fault(faults.unreachable)).toThrow();
  expect(b.count()).toBe(1);
});

test('stopped in the reverse order of starting, and only those that were started', async () => {
  const { prepared, claim, events } = await prepare({
    extensions: { x: ACTIVE, y: ACTIVE, z: ACTIVE },
    nodes: { a: { probe: 'x' }, b: { probe: 'y' } },
  });
  claim('a');
  claim('b');
  await prepared.start();
  await prepared.stop('shutdown');
  expect(events.map(({ type, extension }) => `${type} ${extension}`)).toEqual([
    'started x',
    'started y',
    'stopped y',
    'stopped x',
  ]);
});

test('a start that fails names the extension and its place, and stops those before it', async () => {
  const { prepared, claim, events } = await prepare({
    extensions: { x: ACTIVE, y: ACTIVE },
    nodes: { a: { probe: 'x' }, b: { probe: 'y' } },
    configs: { y: badConfigs.refusedByStart },
  });
  claim('a');
  claim('b');
  await expect(prepared.start()).rejects.toMatchObject({
    code: 'WEIR_EXTENSION_START',
    message: 'extension `y` refused to start: no such setting',
    position: at(2),
  });
  expect(events.map(({ type, extension }) => `${type} ${extension}`)).toContain('stopped x');
});

describe('readiness', () => {
  const SIGNALS = [...ACTIVE, 'readiness'];
  const nodes = { a: { probe: 'x' }, b: { probe: 'y' } };

  test('is waited for by all in parallel, before `start` settles', async () => {
    const { prepared, claim, clock, events } = await prepare({
      extensions: { x: SIGNALS, y: SIGNALS },
      nodes,
      configs: { x: readiness.afterATimer, y: readiness.afterATimer },
    });
    const probes = [claim('a'), claim('b')];
    const began = clock.now();
    const start = prepared.start().then(() => clock.now() - began);
    await clock.advance(100);
    expect(await start).toBe(100);
    expect(events.map(({ type, extension }) => `${type} ${extension}`)).toEqual(['started x', 'started y']);
    expect(probes.map((probe) => probe.count())).toEqual([1, 1]);
  });

  test('that fails first aborts the start by name and place, and stops the others', async () => {
    const { prepared, claim, clock, events } = await prepare({
      extensions: { x: SIGNALS, y: SIGNALS },
      nodes,
      configs: { x: readiness.neverWithATimer, y: readiness.trapsInATimer },
    });
    claim('a');
    claim('b');
    const start = expect(prepared.start()).rejects.toMatchObject({
      code: 'WEIR_EXTENSION_START',
      message: expect.stringContaining('extension `y` faulted before it was ready'),
      position: at(2),
    });
    await clock.advance(100);
    await start;
    expect(events.map(({ type, extension }) => `${type} ${extension}`)).toEqual([
      'failed y',
      'stopped y',
      'stopped x',
    ]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('what is wrong', () => {
  test('is told all at once, each error with its place', async () => {
    const failed = await prepare({
      extensions: {
        broken: new Uint8Array([1, 2, 3]),
        core: new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
        fine: ['lifecycle'],
      },
      nodes: { a: { probe: 'broken' }, b: { probe: 'missing' }, c: { other: 'fine' }, d: { probe: 'fine' } },
    }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(PipelineExtensionsError);
    const { errors } = failed as PipelineExtensionsError;
    expect(errors.map(({ code, position }) => [code, position?.line])).toEqual([
      ['WEIR_EXTENSION_COMPONENT', 1],
      ['WEIR_EXTENSION_COMPONENT', 2],
      ['WEIR_CAPABILITY_UNKNOWN_EXTENSION', 71],
      ['WEIR_CAPABILITY_UNKNOWN', 72],
    ]);
    expect(errors[1]!.message).toMatch(/extension `core` \(.*core\.wasm\): .*core module/);
  });

  test('a memory limit below what the component starts with', async () => {
    const folder = await temporaryFolder();
    const wasm = join(folder, 'x.wasm');
    await writeFile(wasm, await makeProbe());
    await expect(
      preparePipelineExtensions({
        extensions: [
          {
            name: 'x',
            wasm,
            position: at(4),
            sha256: undefined,
            description: undefined,
            config: undefined,
            grants: NO_GRANTS,
            limits: { ...DEFAULT_LIMITS, memoryBytes: 1024 },
            supervision: DEFAULT_SUPERVISION,
          },
        ],
        nodes: [],
        contracts: [Probe],
        clock: new ManualClock(),
        log: pino({ enabled: false }),
      }),
    ).rejects.toMatchObject({ errors: [{ code: 'WEIR_SANDBOX_MEMORY_LIMIT', position: at(4) }] });
  });
});
