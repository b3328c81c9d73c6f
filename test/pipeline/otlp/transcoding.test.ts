import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedOtlpError } from '../../../host/pipeline/errors.ts';
import { checkOtlp } from '../../../host/pipeline/otlp/check.ts';
import { countItems } from '../../../host/pipeline/otlp/count.ts';
import { otlpFromJson } from '../../../host/pipeline/otlp/from-json.ts';
import { otlpToJson } from '../../../host/pipeline/otlp/to-json.ts';
import { arbitraryRequest, officialJson } from '../../opentelemetry-proto/arbitrary.ts';
import { officialRequest } from '../../opentelemetry-proto/definitions.ts';
import { sdkLogs } from '../../opentelemetry-proto/sdk-records.ts';

const signals = ['logs', 'metrics', 'traces'] as const;
const runs = { numRuns: 150 };

// biome-ignore lint/suspicious/noExplicitAny: decoded official messages are looked into freely.
type Any = any;

describe.each(signals)('%s', (signal) => {
  const type = officialRequest[signal];

  it('become the JSON that the specification says', () => {
    fc.assert(
      fc.property(arbitraryRequest(signal), (request) => {
        const bytes = type.encode(request).finish();
        expect(JSON.parse(otlpToJson(signal, bytes))).toEqual(officialJson(type, type.decode(bytes)));
      }),
      runs,
    );
  });

  it('come back from JSON unchanged', () => {
    fc.assert(
      fc.property(arbitraryRequest(signal), (request) => {
        const bytes = type.encode(request).finish();
        const back = otlpFromJson(signal, otlpToJson(signal, bytes));
        expect(officialJson(type, type.decode(back))).toEqual(officialJson(type, type.decode(bytes)));
        checkOtlp(signal, back);
      }),
      runs,
    );
  });

  it('that are damaged are either refused with a place or readable to the end', () => {
    const damaged = fc
      .tuple(
        arbitraryRequest(signal),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
      )
      .map(([request, edits]) => {
        const bytes = Uint8Array.from(type.encode(request).finish());
        for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(damaged, (bytes) => {
        try {
          checkOtlp(signal, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedOtlpError);
          return;
        }
        type.decode(bytes);
        expect(countItems({ signal, bytes })).toBeGreaterThanOrEqual(0);
        // What was let in can be written as JSON and read again.
        checkOtlp(signal, otlpFromJson(signal, otlpToJson(signal, bytes)));
      }),
      { numRuns: 400 },
    );
  });

  it('with text that is no UTF-8 are refused', () => {
    for (const length of [3, 300]) {
      const text = Buffer.alloc(length, 'é').fill(0xff, length - 1);
      expect(() => checkOtlp(signal, delimited(1, delimited(3, text)))).toThrow(/schemaUrl is not UTF-8/);
      checkOtlp(signal, delimited(1, delimited(3, Buffer.from('é'.repeat(length)))));
    }
  });

  it('that are cut off are refused', () => {
    const bytes = type
      .encode(type.fromObject({ [type.fieldsArray[0]!.name]: [{ schemaUrl: 'https://example.org/schema' }] }))
      .finish();
    for (let length = 1; length < bytes.length; length++) {
      expect(() => checkOtlp(signal, bytes.subarray(0, length))).toThrow(MalformedOtlpError);
    }
  });
});

describe('counting items', () => {
  it('counts log records, spans and data points', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...signals).chain((s) => arbitraryRequest(s).map((r) => [s, r] as const)),
        (given) => {
          const [signal, request] = given;
          const bytes = officialRequest[signal].encode(request).finish();
          expect(countItems({ signal, bytes })).toBe(
            countOfficial(signal, officialRequest[signal].decode(bytes)),
          );
        },
      ),
      runs,
    );
  });
});

function countOfficial(signal: (typeof signals)[number], request: Any): number {
  if (signal === 'logs')
    return request.resourceLogs.flatMap((r: Any) => r.scopeLogs.flatMap((s: Any) => s.logRecords)).length;
  if (signal === 'traces')
    return request.resourceSpans.flatMap((r: Any) => r.scopeSpans.flatMap((s: Any) => s.spans)).length;
  const metrics = request.resourceMetrics.flatMap((r: Any) => r.scopeMetrics.flatMap((s: Any) => s.metrics));
  return metrics.flatMap((m: Any) => m[m.data]?.dataPoints ?? []).length;
}

describe('what the OpenTelemetry SDK sends', () => {
  it('means the same in JSON and in protobuf', () => {
    const records = sdkLogs(5);
    const fromJson = otlpFromJson('logs', JsonLogsSerializer.serializeRequest(records)!);
    const protobuf = ProtobufLogsSerializer.serializeRequest(records)!;
    const type = officialRequest.logs;
    expect(officialJson(type, type.decode(protobuf))).toMatchObject(withoutZeros(type.decode(fromJson)));
    checkOtlp('logs', protobuf);
    expect(countItems({ signal: 'logs', bytes: protobuf })).toBe(5);
  });
});

/** The SDK writes zeros in JSON and leaves them out in protobuf; they mean the same. */
function withoutZeros(decoded: object): object {
  const json = officialJson(officialRequest.logs, decoded);
  return JSON.parse(JSON.stringify(json, (_key, value) => (value === 0 || value === '' ? undefined : value)));
}

describe('merging', () => {
  it('merges single messages that come twice, and takes the last of a oneof', () => {
    const record = officialRequest.logs.root.lookupType('opentelemetry.proto.logs.v1.ResourceLogs');
    const resource = (key: string) =>
      record
        .encode(record.fromObject({ resource: { attributes: [{ key, value: { stringValue: key } }] } }))
        .finish();
    const twice = Buffer.concat([resource('a'), resource('b')]);
    const bytes = Buffer.concat([Buffer.from([0x0a, twice.length]), twice]);
    const json = JSON.parse(otlpToJson('logs', bytes));
    expect(json.resourceLogs[0].resource.attributes.map((kv: Any) => kv.key)).toEqual(['a', 'b']);
  });

  it('takes linear time for messages that come twice at every level', () => {
    let value: Uint8Array = Buffer.from([0x0a, 1, 120]);
    for (let level = 0; level < 30; level++) value = doubled(value);
    const bytes = delimited(1, delimited(2, delimited(2, delimited(5, value))));
    expect(otlpToJson('logs', bytes)).toContain('kvlistValue');
  });
});

/** A map with one entry whose value comes twice, the second time empty. */
function doubled(value: Uint8Array): Uint8Array {
  const entry = Buffer.concat([delimited(2, value), delimited(2, Buffer.alloc(0))]);
  return delimited(6, delimited(1, entry));
}

function delimited(number: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(value.length)]), value]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

describe('nesting', () => {
  const nested = (levels: number) => {
    let body: object = { stringValue: 'x' };
    for (let i = 0; i < levels; i++) body = { arrayValue: { values: [body] } };
    return { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body }] }] }] };
  };

  it('is followed to the limit and refused beyond, in both encodings', () => {
    expect(countItems({ signal: 'logs', bytes: otlpFromJson('logs', JSON.stringify(nested(40))) })).toBe(1);
    expect(() => otlpFromJson('logs', JSON.stringify(nested(60)))).toThrow(/nested more than 100 deep/);
    let value: Uint8Array = Buffer.alloc(0);
    for (let level = 0; level < 60; level++) value = delimited(5, delimited(1, value));
    const deep = delimited(1, delimited(2, delimited(2, delimited(5, value))));
    expect(() => checkOtlp('logs', deep)).toThrow(/nested more than 100 deep/);
    expect(() => otlpToJson('logs', deep)).toThrow(/nested more than 100 deep/);
  });

  it('of a hundred thousand levels does no harm', () => {
    const json = `{"resourceLogs":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(() => otlpFromJson('logs', json)).toThrow(MalformedOtlpError);
  });
});

describe('JSON', () => {
  const log = (record: string) => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record}]}]}]}`;
  const first = (json: string): Any =>
    (officialRequest.logs.decode(otlpFromJson('logs', json)) as Any).resourceLogs[0].scopeLogs[0]
      .logRecords[0];

  it('keeps all digits of a 64-bit integer written as a number', () => {
    expect(String(first(log('{"timeUnixNano": 1544712660300000123}')).timeUnixNano)).toBe(
      '1544712660300000123',
    );
    expect(String(first(log('{"body":{"intValue":-9223372036854775808}}')).body.intValue)).toBe(
      '-9223372036854775808',
    );
  });

  it('ignores unknown names, snake_case among them, and takes null for absent', () => {
    const record = first(log('{"severity_text":"x","severityNumber":null,"other":[1],"eventName":"e"}'));
    expect(record.severityText).toBe('');
    expect(record.eventName).toBe('e');
  });

  it.each([
    ['[]', 'the start|object was expected'],
    ['{"resourceLogs":{}}', 'resourceLogs: a list was expected'],
    ['{"resourceLogs":[1]}', /resourceLogs\[0\]: an object was expected, 1 found/],
    [
      log('{"traceId":"q83vEg=="}'),
      /resourceLogs\[0\]\.scopeLogs\[0\]\.logRecords\[0\]\.traceId: an id of 32 hex/,
    ],
    [log('{"severityNumber":"SEVERITY_NUMBER_INFO"}'), /severityNumber: an enum's number/],
    [log('{"timeUnixNano":"yesterday"}'), /timeUnixNano: a whole number/],
    [log('{"timeUnixNano":"-1"}'), /timeUnixNano: -1 is not between 0/],
    [log('{"flags":4294967296}'), /flags: 4294967296 is not between/],
    [log('{"body":{"boolValue":"true"}}'), /body\.boolValue: true or false/],
    [log('{"body":{"bytesValue":"*"}}'), /body\.bytesValue: this is no base64/],
    [log('{"body":{"doubleValue":"1,5"}}'), /body\.doubleValue: a number/],
    [log('{"body":{"intValue":1,"stringValue":"x"}}'), /body: both stringValue and intValue are set/],
    ['{"resourceLogs":', /no JSON/],
    ['', /no JSON/],
  ])('%s is refused with its place', (json, message) => {
    expect(() => otlpFromJson('logs', json)).toThrow(new RegExp(message));
  });

  it('that is not UTF-8 is refused', () => {
    expect(() => otlpFromJson('logs', Uint8Array.of(0x22, 0xff, 0x22))).toThrow(/not UTF-8/);
  });
});
