/** What the configuration decides, and what it may not be. */
import { expect, test } from 'vitest';
import { officialRequest } from '../../../test/opentelemetry-proto/definitions.ts';
import { startRedact } from './start-redact.ts';
import { encode } from './telemetry.ts';

const TEXT = 'jane@example.com 4111111111111111 Bearer abc';

async function maskedWith(config: unknown): Promise<string> {
  const redact = await startRedact(config);
  const request = { resourceSpans: [{ scopeSpans: [{ spans: [{ name: TEXT }] }] }] };
  const outcome = redact.process('traces', encode(officialRequest.traces, request));
  if (outcome.tag !== 'forward') return TEXT;
  return officialRequest.traces.decode(outcome.val).toJSON().resourceSpans[0].scopeSpans[0].spans[0].name;
}

test.each([
  [{}, '[email] [card-number] Bearer [bearer-token]'],
  [{ find: ['email'] }, '[email] 4111111111111111 Bearer abc'],
  [{ find: ['card-number', 'bearer-token'] }, 'jane@example.com [card-number] Bearer [bearer-token]'],
  [{ find: [] }, TEXT],
  [{ masks: { email: '‹näme›', 'bearer-token': '' } }, '‹näme› [card-number] Bearer '],
])('with %j', async (config, expected) => {
  expect(await maskedWith(config)).toBe(expected);
});

test.each([
  [[], 'expected an object with the keys "find" and "masks"'],
  [{ mask: {} }, 'unknown key "mask"; known are "find" and "masks"'],
  [{ find: 'email' }, 'find: expected a list of email, card-number, bearer-token'],
  [{ find: ['iban'] }, 'find: expected each to be one of email, card-number, bearer-token'],
  [{ masks: { iban: '' } }, 'masks: unknown key "iban"; known are email, card-number, bearer-token'],
  [{ masks: { email: 1 } }, 'masks.email: expected a text of at most 256 characters'],
  [{ masks: { email: 'x'.repeat(257) } }, 'masks.email: expected a text of at most 256 characters'],
])('refuses %j', async (config, message) => {
  await expect(startRedact(config)).rejects.toMatchObject({ payload: message });
});
