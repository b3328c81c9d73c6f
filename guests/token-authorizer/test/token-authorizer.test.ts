/** Who is let in, who is not, and why. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildGuest } from '../../../build/index.ts';
import type { BearerTokenAuthorizer } from '../../../host/capability/contracts.ts';
import { compileComponent } from '../../../host/component/compile.ts';
import { startGuest } from '../../../test/guests/start-guest.ts';

const sha256 = (token: string) => createHash('sha256').update(token).digest('hex');

async function authorizer(...tokens: object[]): Promise<BearerTokenAuthorizer> {
  const { exports } = await startGuest('token-authorizer', { tokens });
  return exports['weir:capability/bearer-token-authorizer@0.1.0'] as BearerTokenAuthorizer;
}

test('a known token is allowed, with its principal and claims', async () => {
  const guest = await authorizer(
    { sha256: sha256('first'), principal: 'jane' },
    { sha256: sha256('second').toUpperCase(), principal: 'joe', claims: { team: 'shop', region: 'eu' } },
  );
  expect(guest.authorize('first')).toEqual({
    tag: 'allow',
    val: { principal: 'jane', scheme: 'static', claims: [] },
  });
  expect(guest.authorize('second')).toEqual({
    tag: 'allow',
    val: {
      principal: 'joe',
      scheme: 'static',
      claims: [
        ['team', 'shop'],
        ['region', 'eu'],
      ],
    },
  });
});

test('no token is a missing credential, another one an invalid credential', async () => {
  const guest = await authorizer({ sha256: sha256('first'), principal: 'jane' });
  expect(guest.authorize('')).toMatchObject({ tag: 'deny', val: { reason: 'missing-credential' } });
  for (const token of ['firs', 'first ', 'First', sha256('first')]) {
    const decision = guest.authorize(token);
    expect(decision).toMatchObject({ tag: 'deny', val: { reason: 'invalid-credential' } });
    expect(JSON.stringify(decision)).not.toContain(token);
  }
});

test('a token that is not permitted is known and refused', async () => {
  const guest = await authorizer({ sha256: sha256('first'), principal: 'jane', not_permitted: true });
  expect(guest.authorize('first')).toEqual({
    tag: 'deny',
    val: { reason: 'not-permitted', detail: 'jane may not send here' },
  });
});

test('with no tokens at all everyone is refused', async () => {
  expect((await authorizer()).authorize('any')).toMatchObject({ tag: 'deny' });
});

test('hashes as SHA-256 does, whatever the token and its length', async () => {
  const lengths = [55, 56, 57, 63, 64, 65, 119, 120, 128, 1_000];
  const tokens = [
    ...lengths.map((n) => 'x'.repeat(n)),
    ...fc.sample(fc.string({ unit: 'grapheme', minLength: 1 }), 200),
  ];
  const known = [...new Set(tokens)];
  const guest = await authorizer(...known.map((token, i) => ({ sha256: sha256(token), principal: `p${i}` })));
  for (const [i, token] of known.entries()) {
    expect(guest.authorize(token)).toMatchObject({ tag: 'allow', val: { principal: `p${i}` } });
    expect(guest.authorize(`${token}?`).tag).toBe(known.includes(`${token}?`) ? 'allow' : 'deny');
  }
});

test('it has no way to tell a token on: it imports nothing', async () => {
  const { bytes } = await buildGuest('guests/token-authorizer');
  const { type } = await compileComponent(bytes);
  const functions = type.imports.flatMap((one) =>
    one.type.kind === 'instance' ? one.type.exports.filter((member) => member.type.kind === 'func') : [one],
  );
  expect(functions).toEqual([]);
});

test.each([
  [{}, 'tokens: expected a list of tokens; it is missing'],
  [{ tokens: [], token: 1 }, 'unknown key "token"; known are tokens'],
  [{ tokens: ['x'] }, 'tokens[0]: expected an object with "sha256" and "principal"'],
  [
    { tokens: [{ sha265: '' }] },
    'tokens[0]: unknown key "sha265"; known are sha256, principal, claims, not_permitted',
  ],
  [{ tokens: [{ principal: 'a' }] }, 'tokens[0].sha256: expected 64 hexadecimal digits'],
  [{ tokens: [{ sha256: 'g'.repeat(64) }] }, 'tokens[0].sha256: expected 64 hexadecimal digits'],
  [{ tokens: [{ sha256: sha256('a') }] }, 'tokens[0].principal: expected a name'],
  [
    { tokens: [{ sha256: sha256('a'), principal: 'a', claims: { team: 1 } }] },
    'tokens[0].claims.team: expected a text',
  ],
  [
    { tokens: [{ sha256: sha256('a'), principal: 'a', not_permitted: 'no' }] },
    'tokens[0].not_permitted: expected true or false',
  ],
  [
    {
      tokens: [
        { sha256: sha256('a'), principal: 'a' },
        { sha256: sha256('a'), principal: 'b' },
      ],
    },
    'tokens[1].sha256: the same token stands in tokens[0]',
  ],
])('refuses %j', async (config, message) => {
  await expect(startGuest('token-authorizer', config)).rejects.toMatchObject({ payload: message });
});
