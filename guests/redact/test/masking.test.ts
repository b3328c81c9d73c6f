/** What is masked, and that masking leaves everything else alone. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ProcessorGuest } from '../../../host/capability/contracts.ts';
import { officialRequest } from '../../../test/opentelemetry-proto/definitions.ts';
import { maskedLogs, maskedText, maskedTraces } from './reference.ts';
import { startRedact } from './start-redact.ts';
import { encode, logsRequest, text, tracesRequest } from './telemetry.ts';

let redact: ProcessorGuest;

beforeAll(async () => {
  redact = await startRedact({});
});

/** What `redact` makes of one log body. */
function body(stringValue: string): string {
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue } }] }] }] };
  const outcome = redact.process('logs', encode(officialRequest.logs, request));
  if (outcome.tag === 'unchanged') return stringValue;
  if (outcome.tag === 'drop') throw new TypeError('a body was dropped');
  return officialRequest.logs.decode(outcome.val).toJSON().resourceLogs[0].scopeLogs[0].logRecords[0].body
    .stringValue;
}

describe('e-mail addresses', () => {
  test.each([
    ['jane.doe@example.com', '[email]'],
    ['mail <jane+tag@mail.example.co.uk>, please', 'mail <[email]>, please'],
    ['email=a@b.cd;', 'email=[email];'],
    ['Write to jane@example.com.', 'Write to [email].'],
    ['müller@bücher.de', '[email]'],
    ['用户@例子.公司 called', '[email] called'],
    ['a@b.cd,e@f.gh', '[email],[email]'],
    ['jane@example.com.123', '[email].123'],
  ])('%j becomes %j', (before, after) => expect(body(before)).toBe(after));

  test.each([
    'left-pad@1.3.0',
    'root@localhost',
    '@example.com',
    'jane@',
    'jane@.com',
    'a@b.c',
    'user @ home.org',
  ])('%j is none', (given) => expect(body(given)).toBe(given));
});

describe('card numbers', () => {
  test.each([
    ['4111111111111111', '[card-number]'],
    ['paid with 4111 1111 1111 1111!', 'paid with [card-number]!'],
    ['5500-0055-5555-5559.', '[card-number].'],
    ['378282246310005 and 6304000000000000', '[card-number] and [card-number]'],
    ['4222222222222', '[card-number]'],
    ['2026-01-01 4111 1111 1111 1111', '2026-01-01 [card-number]'],
    ['card4111111111111111x', 'card[card-number]x'],
  ])('%j becomes %j', (before, after) => expect(body(before)).toBe(after));

  test.each([
    '4111111111111112',
    '4111  1111 1111 1111',
    '411111111111',
    '41111111111111111111',
    '0000000000000000',
    'took 0.4111111111111111 s',
    '4111111111111111.5',
    '2026-11-21 17:53:04.123456',
  ])('%j is none', (given) => expect(body(given)).toBe(given));
});

describe('bearer tokens', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJl';
  test.each([
    ['Authorization: Bearer abc.def-123_~+/==', 'Authorization: Bearer [bearer-token]'],
    ['"bearer \t xyz"', '"bearer \t [bearer-token]"'],
    ['BEARER BEARER s3cret', 'BEARER [bearer-token] [bearer-token]'],
    [`Bearer ${jwt}`, 'Bearer [bearer-token]'],
    [`token=${jwt};`, 'token=[bearer-token];'],
    ['Bearer jane@example.com', 'Bearer [bearer-token]'],
  ])('%j becomes %j', (before, after) => expect(body(before)).toBe(after));

  test.each(['Bearer', 'Bearer ', 'bearer: abc', 'eyJhbGciOi.abc', 'eyeJ.a.b'])('%j is none', (given) =>
    expect(body(given)).toBe(given),
  );
});

test('masks what the reference masks, in any text', () => {
  fc.assert(
    fc.property(text, (given) => {
      expect(body(given)).toBe(maskedText(given));
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  ['logs', logsRequest, maskedLogs],
  ['traces', tracesRequest, maskedTraces],
] as const)('masks every text of %s and nothing else; the output decodes', (signal, arbitrary, masked) => {
  const type = officialRequest[signal];
  fc.assert(
    fc.property(arbitrary as fc.Arbitrary<object>, (request) => {
      const bytes = encode(type, request);
      const outcome = redact.process(signal, bytes);
      const expected = encode(type, masked(type.toObject(type.decode(bytes))));
      if (outcome.tag === 'forward') {
        // The encoder writes lengths as short as they can be, so does the guest: same bytes.
        expect(Buffer.from(outcome.val).equals(expected)).toBe(true);
      } else {
        expect(outcome.tag).toBe('unchanged');
        expect(Buffer.from(bytes).equals(expected)).toBe(true);
      }
    }),
    { numRuns: 400 },
  );
});

test('metrics pass untouched', () => {
  const request = {
    resourceMetrics: [
      { resource: { attributes: [{ key: 'who', value: { stringValue: 'jane@example.com' } }] } },
    ],
  };
  expect(redact.process('metrics', encode(officialRequest.metrics, request))).toEqual({ tag: 'unchanged' });
});
