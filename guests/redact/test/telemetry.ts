/** Random telemetry for the tests, rich in text that looks like something to be masked. */
import fc from 'fast-check';
import type protobuf from 'protobufjs';

const FRAGMENTS = [
  ...['jane.doe@example.com', 'a@b.cd', '@', '.', 'x@', '@example', '.com', '.c', '-', '--', '%', '_', '+'],
  ...['4111 1111 1111 1111', '4111111111111111', '5500-0055-5555-5559', '378282246310005', '4111 1111 '],
  ...['1111 1111', '0000000000000000', '1', '5', '9', '30', '0.', '.5', ' ', '  ', '\t', '6304000000000000'],
  ...[
    'Bearer ',
    'bearer',
    'BEARER  ',
    'Bearer\t',
    'r ',
    'abc123',
    'eyJ',
    'eyJhbGciOi',
    '.eyJzdWIi',
    '.sig',
    '==',
  ],
  ...[
    'é',
    'ü@ü.de',
    '漢字',
    '用户@例子.公司',
    '😀',
    '\u0000',
    '\n',
    'the request failed',
    'number',
    'obey',
    '/',
    '=',
  ],
];

/** Text; a good part of it holds hits, many of them broken, touching or overlapping. */
export const text: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(fc.constantFrom(...FRAGMENTS), { maxLength: 12 })
      .map((fragments) => fragments.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  // Long enough that lengths take two bytes, or three, before and after.
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 90, max: 140 }), fc.constantFrom(...FRAGMENTS))
      .map(([n, fragment]) => `${'x '.repeat(n / 2)}${fragment} end`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 16_350, max: 16_400 }), fc.constantFrom(...FRAGMENTS))
      .map(([n, fragment]) => `${fragment} ${','.repeat(n)}`),
  },
);

const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: fc.integer() }),
    fc.record({ doubleValue: fc.double({ noNaN: true }) }),
    fc.record({ bytesValue: fc.uint8Array({ maxLength: 20 }) }),
    fc.record({}),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('value'), { maxLength: 3 }) }) }),
    fc.record({ kvlistValue: fc.record({ values: fc.array(tie('attribute'), { maxLength: 3 }) }) }),
  ),
  attribute: fc.record({ key: text, value: tie('value') }, { requiredKeys: ['key'] }),
}));

const attributes = fc.array(anyValue.attribute, { maxLength: 4 });
const resource = fc.record({ attributes, droppedAttributesCount: fc.nat() }, { requiredKeys: [] });
const scope = fc.record({ name: text, version: text, attributes }, { requiredKeys: [] });
const id = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });

const logRecord = fc.record(
  {
    timeUnixNano: fc.nat(),
    severityNumber: fc.integer({ min: 0, max: 24 }),
    severityText: text,
    body: anyValue.value,
    attributes,
    flags: fc.nat(),
    traceId: id(16),
    spanId: id(8),
    eventName: text,
  },
  { requiredKeys: [] },
);

const span = fc.record(
  {
    traceId: id(16),
    spanId: id(8),
    traceState: text,
    name: text,
    kind: fc.integer({ min: 0, max: 5 }),
    startTimeUnixNano: fc.nat(),
    attributes,
    events: fc.array(fc.record({ timeUnixNano: fc.nat(), name: text, attributes }, { requiredKeys: [] }), {
      maxLength: 2,
    }),
    links: fc.array(fc.record({ traceId: id(16), attributes }, { requiredKeys: [] }), { maxLength: 2 }),
    status: fc.record({ message: text, code: fc.integer({ min: 0, max: 2 }) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 3 });

/** `ExportLogsServiceRequest`s, as plain objects. */
export const logsRequest = fc.record({
  resourceLogs: list(
    fc.record(
      {
        resource,
        scopeLogs: list(
          fc.record({ scope, logRecords: list(logRecord), schemaUrl: text }, { requiredKeys: [] }),
        ),
        schemaUrl: text,
      },
      { requiredKeys: [] },
    ),
  ),
});

/** `ExportTraceServiceRequest`s, as plain objects. */
export const tracesRequest = fc.record({
  resourceSpans: list(
    fc.record(
      {
        resource,
        scopeSpans: list(fc.record({ scope, spans: list(span), schemaUrl: text }, { requiredKeys: [] })),
        schemaUrl: text,
      },
      { requiredKeys: [] },
    ),
  ),
});

/** A plain object as bytes of the official message `type`. */
export function encode(type: protobuf.Type, message: object): Uint8Array {
  return Uint8Array.from(type.encode(type.fromObject(message)).finish());
}
