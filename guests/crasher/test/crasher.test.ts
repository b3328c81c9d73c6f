/** Each way is a fault that the host survives; when to obey is decided as the README says. */
import { describe, expect, test } from 'vitest';
import { ProcessorGuest } from '../../../host/capability/contracts.ts';
import { CapabilityError } from '../../../host/capability/errors.ts';
import type { FaultDetail } from '../../../host/extension/fault.ts';
import type { Signal } from '../../../host/pipeline/batch.ts';
import { type SupervisedGuest, superviseGuest } from '../../../test/guests/supervised-guest.ts';
import { officialRequest } from '../../../test/opentelemetry-proto/definitions.ts';

/** The ways, and the kind of fault that the host makes of each. */
const WAYS: readonly (readonly [string, FaultDetail])[] = [
  ['unreachable', 'unreachable'],
  ['abort', 'unreachable'],
  ['out-of-bounds', 'memory-out-of-bounds'],
  ['out-of-bounds-copy', 'memory-out-of-bounds'],
  ['divide-by-zero', 'integer-divide-by-zero'],
  ['divide-overflow', 'integer-overflow'],
  ['stack-overflow', 'stack-overflow'],
  ['null-function', 'indirect-call'],
  ['wrong-function', 'indirect-call'],
  ['no-such-function', 'table-out-of-bounds'],
  ['out-of-memory', 'unreachable'],
  ['bad-result-pointer', 'bad-value'],
  ['bad-result-length', 'bad-value'],
  ['bad-enum', 'bad-value'],
  ['bad-string', 'bad-value'],
  ['bad-pointer', 'bad-value'],
  ['too-many-timers', 'host-service'],
];

const MEBIBYTE = 1024 * 1024;

function command(way: string, signal: Signal = 'logs'): Uint8Array {
  const attributes = [
    { key: 'other', value: { stringValue: 'weir.crash' } },
    { key: 'weir.crash', value: { stringValue: way } },
  ];
  const request = {
    logs: { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }] }] }] },
    traces: { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'span', attributes }] }] }] },
    metrics: {
      resourceMetrics: [
        { scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ asInt: 1, attributes }] } }] }] },
      ],
    },
  }[signal];
  const type = officialRequest[signal];
  return Uint8Array.from(type.encode(type.fromObject(request)).finish());
}

/** How one batch ends: `unchanged`, or `fault`. */
function deliver(guest: SupervisedGuest<ProcessorGuest>, batch: Uint8Array, signal: Signal = 'logs'): string {
  try {
    return guest.binding.process(signal, batch).tag;
  } catch (error) {
    if (error instanceof CapabilityError && error.faulted) return 'fault';
    throw error;
  }
}

test.each(WAYS)('%s is a fault (%s); a fresh instance then takes the same batch', async (way, detail) => {
  const limits = { memoryBytes: 4 * MEBIBYTE };
  const guest = await superviseGuest('crasher', ProcessorGuest, {}, limits);
  const batch = command(way);
  expect(deliver(guest, batch)).toBe('unchanged'); // spared: it is the first
  expect(deliver(guest, batch)).toBe('fault');
  expect(guest.status()).toMatchObject({
    state: 'degraded',
    faults: 1,
    restarts: 1,
    lastFaults: [{ detail }],
  });
  expect(deliver(guest, batch)).toBe('unchanged');
  expect(guest.status().memoryBytes).toBeLessThanOrEqual(4 * MEBIBYTE);
  guest.stop();
});

test('in-timer lets the batch pass and faults afterwards', async () => {
  const guest = await superviseGuest('crasher', ProcessorGuest, { spare_first: false });
  expect(deliver(guest, command('in-timer'))).toBe('unchanged');
  expect(guest.status().faults).toBe(0);
  await guest.clock.advance(1);
  expect(guest.status()).toMatchObject({ state: 'degraded', faults: 1, restarts: 1 });
});

test.each(['logs', 'traces', 'metrics'] as const)('commands may stand in %s', async (signal) => {
  const guest = await superviseGuest('crasher', ProcessorGuest, { spare_first: false });
  expect(deliver(guest, command('unreachable', signal), signal)).toBe('fault');
});

test('other batches pass unchanged, and count for nothing', async () => {
  const guest = await superviseGuest('crasher', ProcessorGuest, { spare_first: false });
  for (const bytes of [[], [10, 10], Array.from(Buffer.from('weir.crash'))]) {
    expect(deliver(guest, Uint8Array.from(bytes))).toBe('unchanged');
  }
  const cutOff = command('unreachable');
  for (let length = 0; length < cutOff.length; length++) {
    expect(deliver(guest, cutOff.subarray(0, length))).toBe('unchanged');
  }
  expect(guest.status().faults).toBe(0);
});

describe('when it obeys', () => {
  test('crash_every obeys every so many commands, counted afresh by each instance', async () => {
    const guest = await superviseGuest('crasher', ProcessorGuest, { crash_every: 3 });
    const outcomes: string[] = [];
    for (let i = 0; i < 12; i++) {
      outcomes.push(deliver(guest, command('unreachable')));
      await guest.clock.advance(60_000);
    }
    // The first of each instance is spared, and is not counted.
    const life = ['unchanged', 'unchanged', 'unchanged', 'fault'];
    expect(outcomes).toEqual([...life, ...life, ...life]);
  });

  test('without spare_first a batch crashes it each time it comes', async () => {
    const guest = await superviseGuest('crasher', ProcessorGuest, { spare_first: false });
    for (let i = 0; i < 3; i++) {
      expect(deliver(guest, command('abort'))).toBe('fault');
      await guest.clock.advance(60_000);
    }
  });
});

test('a way that there is not is refused for good, with the list of ways', async () => {
  const guest = await superviseGuest('crasher', ProcessorGuest, { spare_first: false });
  expect(() => deliver(guest, command('explode'))).toThrow(
    expect.objectContaining({
      payload: {
        permanent: true,
        message: `weir.crash: there is no way "explode" to crash; the ways are ${[...WAYS.map(([way]) => way), 'in-timer'].join(', ')}`,
      },
    }),
  );
});

test.each([
  [{ crash_every: 0 }, 'crash_every: expected a whole number from 1'],
  [{ crash_every: 1.5 }, 'crash_every: expected a whole number from 1'],
  [{ spare_first: 1 }, 'spare_first: expected true or false'],
  [{ spare: true }, 'unknown key "spare"; known are "crash_every" and "spare_first"'],
])('refuses %j', async (config, message) => {
  await expect(superviseGuest('crasher', ProcessorGuest, config)).rejects.toThrow(message);
});
