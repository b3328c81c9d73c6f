/** Every fault says what kind it is, whose it is and where it happened; kinds are counted, bursts told of once. */
import { describe, expect, test } from 'vitest';
import { ComponentError, LinkError, TrapError, type TrapKind } from '../../host/component/errors.ts';
import { DEFAULT_SUPERVISION } from '../../host/config/model.ts';
import { WeirError } from '../../host/errors.ts';
import { describeFault, FAULT_KINDS } from '../../host/extension/fault.ts';
import { badConfigs, faults } from './probe.ts';
import { caught, supervise } from './supervised.ts';

const supervision = {
  ...DEFAULT_SUPERVISION,
  restart: { max: 1_000, windowMs: 60_000, backoff: { initialMs: 100, maxMs: 100, jitter: 0 } },
};

const guest = (message: string) =>
  new TrapError(`trap in f: ${message}`, { cause: new WebAssembly.RuntimeError(message) });
const refused = (kind: TrapKind, cause?: unknown) => new TrapError('refused', { kind, cause });
const denied = new WeirError('WEIR_SANDBOX_IMPORT_DENIED', 'not granted');
const tooMany = new WeirError('WEIR_EXTENSION_TIMER_LIMIT', 'more than 3 timers were pending');

describe('what a fault is told as', () => {
  test.each([
    [guest('divide by zero'), 'trap', 'integer-divide-by-zero', 'WEIR_FAULT_TRAP'],
    [guest('something new'), 'trap', 'other', 'WEIR_FAULT_TRAP'],
    [refused('unreachable'), 'trap', 'unreachable', 'WEIR_FAULT_TRAP'],
    [refused('uncaught-exception'), 'trap', 'uncaught-exception', 'WEIR_FAULT_TRAP'],
    [
      new TrapError('f failed', { cause: new RangeError('Maximum call stack size exceeded') }),
      'stack-overflow',
      'stack-overflow',
      'WEIR_FAULT_STACK_OVERFLOW',
    ],
    [refused('out-of-bounds'), 'contract-violation', 'bad-value', 'WEIR_FAULT_CONTRACT'],
    [refused('unknown-handle'), 'contract-violation', 'bad-value', 'WEIR_FAULT_CONTRACT'],
    [refused('blocked'), 'contract-violation', 'blocked', 'WEIR_FAULT_CONTRACT'],
    [refused('cannot-enter'), 'contract-violation', 're-entry', 'WEIR_FAULT_CONTRACT'],
    [refused('too-long'), 'contract-violation', 'transfer-limit', 'WEIR_FAULT_TRANSFER_LIMIT'],
    [refused('lift-budget'), 'contract-violation', 'lift-limit', 'WEIR_FAULT_LIFT_LIMIT'],
    [refused('too-many-handles'), 'contract-violation', 'handle-limit', 'WEIR_FAULT_HANDLE_LIMIT'],
    [refused('unsupported'), 'import-refused', 'import-refused', 'WEIR_FAULT_IMPORT_REFUSED'],
    [refused('import-threw', denied), 'import-refused', 'import-refused', 'WEIR_SANDBOX_IMPORT_DENIED'],
    [new LinkError('a#b', 'missing'), 'import-refused', 'import-refused', 'WEIR_FAULT_IMPORT_REFUSED'],
    [refused('import-threw', tooMany), 'host-service', 'host-service', 'WEIR_EXTENSION_TIMER_LIMIT'],
    [refused('import-threw', new TypeError('x')), 'host-service', 'host-service', 'WEIR_FAULT_HOST_SERVICE'],
    [refused('wrong-value'), 'host-service', 'host-service', 'WEIR_FAULT_HOST_SERVICE'],
    [new ComponentError('no'), 'start-failure', 'start-failure', 'WEIR_FAULT_START'],
  ] as const)('%s', (error, kind, detail, code) => {
    expect(describeFault(error, 1)).toMatchObject({ at: 1, kind, detail, code });
  });
});

test('one that aborted with its memory full is told as out of memory, another trap is not', () => {
  expect(describeFault(refused('unreachable'), 1, true)).toMatchObject({
    kind: 'memory-limit',
    detail: 'memory-limit',
    code: 'WEIR_FAULT_MEMORY_LIMIT',
  });
  expect(describeFault(guest('divide by zero'), 1, true)).toMatchObject({ kind: 'trap' });
});

test('a fault tells whose it is, what was called and for how long, with the frames of the guest', async () => {
  const { instance, probe, clock } = await supervise({}, undefined, { pipeline: 'default/main' });
  instance.start();
  caught(() => probe.fault(faults['stack-overflow']));
  const [status] = instance.status().instances;
  const [fault] = status!.lastFaults;
  expect(fault).toMatchObject({
    kind: 'stack-overflow',
    extension: 'probe',
    pipeline: 'default/main',
    capability: 'probe',
    function: 'test:probe/probe@1.0.0#fault',
    durationMs: 0,
    at: clock.now(),
  });
  expect(fault!.stack[0]).toMatch(/^overflow \(wasm:|overflow/);
});

test('the time of a call of the lifecycle is its own', async () => {
  const { instance, clock } = await supervise({ config: badConfigs.trapsInStart });
  caught(() => instance.start());
  const [fault] = instance.status().instances[0]!.lastFaults;
  expect(fault).toMatchObject({
    durationMs: 0,
    function: 'weir:extension/lifecycle@0.1.0#start',
    at: clock.now(),
  });
  expect(fault!.capability).toBeUndefined();
});

test('faults are counted by kind', async () => {
  const { instance, probe, clock } = await supervise({ supervision });
  instance.start();
  for (const way of [faults.unreachable, faults['integer-overflow'], faults['stack-overflow']]) {
    caught(() => probe.fault(way));
    await clock.advance(100);
  }
  const { faultsByKind, faults: all } = instance.status().instances[0]!;
  expect(faultsByKind).toEqual({
    ...Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])),
    trap: 2,
    'stack-overflow': 1,
  });
  expect(all).toBe(3);
});

describe('a burst of equal faults', () => {
  const told = (lines: readonly { msg: string }[]) =>
    lines.map(({ msg }) => msg).filter((msg) => msg.startsWith('extension faulted'));

  test('is told of when it begins and every ten seconds while it goes on', async () => {
    const { instance, probe, clock, lines } = await supervise({ supervision });
    instance.start();
    for (let i = 0; i < 99; i++) {
      caught(() => probe.fault(faults.unreachable));
      await clock.advance(100);
    }
    expect(told(lines)).toHaveLength(1);
    await clock.advance(100);
    expect(told(lines)[1]).toMatch(/^extension faulted 98 times more: /);
    await clock.advance(60_000);
    expect(told(lines)).toHaveLength(2);
    caught(() => probe.fault(faults.unreachable));
    await clock.advance(100);
    expect(told(lines)).toHaveLength(3);
  });

  test('ends with a fault of another kind, and with the extension', async () => {
    const { instance, probe, clock, lines } = await supervise({ supervision });
    instance.start();
    const faultIn = async (way: number) => {
      caught(() => probe.fault(way));
      await clock.advance(100);
    };
    await faultIn(faults.unreachable);
    await faultIn(faults.unreachable);
    await faultIn(faults['integer-overflow']);
    expect(told(lines)).toMatchObject([
      expect.stringContaining('unreachable'),
      expect.stringMatching(/^extension faulted once more: .*unreachable/),
      expect.stringContaining('float unrepresentable'),
    ]);
    await faultIn(faults['integer-overflow']);
    instance.stop('shutdown');
    await clock.advance(0);
    expect(told(lines)[3]).toMatch(/^extension faulted once more/);
  });
});
