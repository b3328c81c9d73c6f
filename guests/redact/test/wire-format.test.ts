/** Any bytes are answered for: unknown fields survive, malformed batches are refused, nothing traps. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ProcessError, ProcessorGuest } from '../../../host/capability/contracts.ts';
import { ComponentError } from '../../../host/component/index.ts';
import { officialRequest } from '../../../test/opentelemetry-proto/definitions.ts';
import { startRedact } from './start-redact.ts';
import { encode, logsRequest, tracesRequest } from './telemetry.ts';
import { type Bytes, concat, group, sized, tag, varint } from './wire.ts';

let redact: ProcessorGuest;

beforeAll(async () => {
  redact = await startRedact({});
});

/** The bytes that go on: redacted, or as they came. */
function processed(signal: 'logs' | 'traces', batch: Bytes): Bytes {
  const outcome = redact.process(signal, batch);
  return outcome.tag === 'forward' ? outcome.val : batch;
}

/** The `err` that the guest answers with, or undefined. */
function refusal(batch: Bytes, signal: 'logs' | 'traces' = 'logs'): ProcessError | undefined {
  try {
    redact.process(signal, batch);
    return undefined;
  } catch (error) {
    if (error instanceof ComponentError) return error.payload as ProcessError;
    throw error;
  }
}

/** One of each wire type, under numbers that OTLP does not have; they hold what would be masked elsewhere. */
const unknown = concat(
  concat(tag(100, 0), varint(2n ** 64n - 1n)),
  concat(tag(101, 1), Buffer.from('a@b.cdef')),
  sized(102, 'jane@example.com'),
  group(103, sized(1, 'jane@example.com'), group(2, concat(tag(3, 5), varint(1, 4)))),
  concat(tag(104, 5), varint(7, 4)),
  sized(536_870_911, ''),
);

/** Logs with `text` as body and attribute, and unknown fields in every message. */
function logs(text: string): Bytes {
  const value = sized(5, unknown, sized(1, text), unknown);
  const attribute = sized(6, sized(1, 'key'), sized(2, sized(1, text), unknown), unknown);
  const list = sized(6, sized(1, 'list'), sized(2, sized(5, unknown, sized(1, sized(1, text)))));
  const map = sized(
    6,
    sized(1, 'map'),
    sized(2, sized(6, unknown, sized(1, unknown, sized(2, sized(1, text))))),
  );
  const scope = sized(1, unknown, sized(3, sized(2, sized(1, text))));
  const resource = sized(1, sized(1, sized(2, sized(1, text))), unknown);
  const scopeLogs = sized(2, scope, unknown, sized(2, unknown, value, attribute, list, map, unknown));
  return concat(unknown, sized(1, resource, unknown, scopeLogs), unknown);
}

describe('unknown fields', () => {
  test('survive byte for byte, in every message', () => {
    expect(processed('logs', logs('jane@example.com'))).toEqual(logs('[email]'));
    // Lengths that need a byte less, and one more.
    expect(processed('logs', logs(`${'x '.repeat(60)}jane@example.com`))).toEqual(
      logs(`${'x '.repeat(60)}[email]`),
    );
    expect(processed('logs', logs(`${'x '.repeat(60)}a@b.cd`))).toEqual(logs(`${'x '.repeat(60)}[email]`));
  });

  test('are not looked into', () => {
    expect(redact.process('logs', logs('nothing to see'))).toEqual({ tag: 'unchanged' });
    expect(redact.process('traces', unknown)).toEqual({ tag: 'unchanged' });
  });

  test('are those with a known number and another wire type', () => {
    const batch = concat(tag(1, 0), varint(5), tag(1, 5), varint(0, 4));
    expect(redact.process('logs', batch)).toEqual({ tag: 'unchanged' });
  });
});

test('tags and lengths may be written with more bytes than they need', () => {
  const record = (text: string) => concat(varint(0x2a, 3), varint(text.length + 2, 5), sized(1, text));
  const request = (text: string) =>
    sized(1, sized(2, concat(varint(0x12, 5), varint(record(text).length, 9), record(text))));
  const decoded = officialRequest.logs.decode(processed('logs', request('jane@example.com'))).toJSON();
  expect(decoded.resourceLogs[0].scopeLogs[0].logRecords[0].body.stringValue).toBe('[email]');
});

describe('a malformed batch', () => {
  const cases: [string, Bytes][] = [
    ['a tag alone', tag(1, 2)],
    ['a length beyond the end', concat(tag(1, 2), varint(1))],
    ['a length of 2^63 - 1', concat(tag(1, 2), varint(2n ** 63n - 1n))],
    ['a length of 2^32', concat(tag(1, 2), varint(2n ** 32n))],
    ['a length beyond its message', sized(1, sized(1, concat(tag(1, 2), varint(9))), sized(2, '12345678'))],
    ['field number 0', concat(varint(2), varint(0))],
    ['field number 0, padded', concat(varint(2, 2), varint(0))],
    ['wire type 6', varint(14)],
    ['wire type 7', varint(15)],
    ['wire type 6, high number', tag(1000, 6)],
    ['the end of a group that has not begun', tag(1, 4)],
    ['a group without an end', concat(tag(9, 3), sized(1, 'x'))],
    ['a group with another end', concat(tag(9, 3), tag(8, 4))],
    ['a varint of 11 bytes', concat(tag(9, 0), varint(1, 11))],
    ['a varint cut off', concat(tag(9, 0), Uint8Array.of(0x80))],
    ['a tag of 11 bytes', varint(10, 11)],
    ['a tag of 33 bits', varint(2n ** 32n)],
    ['fixed64 cut off', concat(tag(9, 1), varint(0, 7))],
    ['fixed32 cut off', concat(tag(9, 5), varint(0, 3))],
  ];

  test.each(cases)('is refused for good: %s', (_what, batch) => {
    for (const bytes of [batch, sized(1, batch), concat(sized(1, ''), batch)]) {
      expect(refusal(bytes)).toEqual({
        permanent: true,
        message: expect.stringMatching(/^the batch is not valid OTLP protobuf: at byte \d+, /),
      });
    }
  });

  test('is refused wherever it is cut off', () => {
    const batch = sized(
      1,
      sized(2, sized(2, sized(5, sized(1, 'jane@example.com')), sized(6, sized(1, 'key')))),
    );
    expect(refusal(batch)).toBeUndefined();
    for (let length = 1; length < batch.length; length++)
      expect(refusal(batch.subarray(0, length))).toBeDefined();
  });

  test('names the byte', () => {
    expect(refusal(sized(1, sized(2, varint(14))))?.message).toBe(
      'the batch is not valid OTLP protobuf: at byte 4, no field can have such a tag',
    );
  });
});

test('messages may be nested 100 deep, and no deeper', () => {
  // Five messages lead to a body; each list adds itself and its value.
  const nested = (lists: number): Bytes => {
    let value = sized(1, 'jane@example.com');
    for (let i = 0; i < lists; i++) value = sized(5, sized(1, value));
    return sized(1, sized(2, sized(2, sized(5, value))));
  };
  expect(redact.process('logs', nested(47)).tag).toBe('forward');
  expect(refusal(nested(48))?.message).toContain('nested more than 100 deep');
  expect(refusal(nested(2_000))?.message).toContain('nested more than 100 deep');
  // The innermost value of the maps is one message deeper than the attribute that holds it.
  const maps = (count: number, text: string): Bytes => {
    let value = sized(1, text);
    for (let i = 0; i < count; i++) value = sized(6, sized(1, sized(1, 'key'), sized(2, value)));
    return sized(1, sized(2, sized(2, sized(5, value))));
  };
  expect(redact.process('logs', maps(31, 'jane@example.com')).tag).toBe('forward');
  expect(redact.process('logs', maps(31, 'harmless')).tag).toBe('unchanged');
  for (const text of ['jane@example.com', 'harmless']) {
    expect(refusal(maps(32, text))?.message).toContain('nested more than 100 deep');
  }
  const groups = (depth: number): Bytes =>
    concat(new Uint8Array(depth).fill(tag(9, 3)[0]!), new Uint8Array(depth).fill(tag(9, 4)[0]!));
  expect(refusal(groups(99))).toBeUndefined();
  expect(refusal(groups(100_000))?.message).toContain('nested more than 100 deep');
});

test('damaged batches are answered for, never trapped on', () => {
  const damaged = fc
    .tuple(
      fc.oneof(
        logsRequest.map((request) => encode(officialRequest.logs, request)),
        tracesRequest.map((request) => encode(officialRequest.traces, request)),
      ),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
    )
    .map(([bytes, changes]) => {
      const copy = bytes.slice();
      for (const [at, byte] of changes) if (copy.length > 0) copy[at % copy.length] = byte;
      return copy;
    });
  let refused = 0;
  fc.assert(
    fc.property(
      fc.oneof(damaged, fc.uint8Array({ maxLength: 40 })),
      fc.constantFrom('logs', 'traces'),
      (bytes, signal) => {
        const error = refusal(bytes, signal);
        if (error === undefined) return;
        refused++;
        expect(error.permanent).toBe(true);
      },
    ),
    { numRuns: 2_000 },
  );
  expect(refused).toBeGreaterThan(100);
});
