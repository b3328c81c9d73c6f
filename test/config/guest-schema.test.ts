import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { errorsOf, loaded, pipeline } from './subject.ts';

let file: string;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weir-guest-schema-'));
  await writeFile(join(folder, 'g.wasm'), '');
  file = join(folder, 'pipelines.yaml');
  return () => rm(folder, { recursive: true, force: true });
});

const subject = (config: string, schema: Record<string, unknown>) =>
  [
    pipeline({ extensions: `\ng: { wasm: g.wasm, config: ${config} }` }),
    {
      file,
      env: { RATE: '7' },
      describeProvider: async () => ({ provides: [], isConfigured: true, manifest: { config: schema } }),
    },
  ] as const;

const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  required: ['rate'],
  properties: {
    rate: { type: 'integer', minimum: 1, description: 'Tokens each second.' },
    mode: { enum: ['strict', 'loose'], default: 'strict' },
    tokens: {
      type: 'array',
      items: {
        type: 'object',
        properties: { sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' } },
        required: ['sha256'],
      },
    },
  },
};

test('what satisfies the schema reaches the guest with defaults filled in', async () => {
  const config = await loaded(...subject("{ rate: '${env:RATE}' }", SCHEMA));
  expect(config.pipelines[0]!.extensions[0]!.config).toEqual({ rate: 7, mode: 'strict' });
});

test.each([
  ['{}', '`extensions.g.config` lacks the key `rate`', 'add `rate`: tokens each second.'],
  ['{ rate: 0 }', '`extensions.g.config.rate`: expected at least 1, got 0', '`rate`: tokens each second.'],
  [
    '{ rate: 1.5 }',
    '`extensions.g.config.rate`: expected a whole number, got 1.5',
    '`rate`: tokens each second.',
  ],
  [
    '{ rate: 1, mode: lose }',
    '`extensions.g.config.mode`: expected "strict" or "loose", got "lose"',
    'did you mean `loose`?',
  ],
  ['{ rate: 1, rat: 1 }', '`extensions.g.config` has no key `rat`', 'did you mean `rate`?'],
  [
    '{ rate: 1, tokens: [{ sha256: xyz }] }',
    '`extensions.g.config.tokens[0].sha256`: expected text that matches /^[0-9a-f]{64}$/, got "xyz"',
    undefined,
  ],
  [
    '{ rate: 1, tokens: [{}] }',
    '`extensions.g.config.tokens[0]` lacks the key `sha256`',
    'add `sha256`: expected a string',
  ],
])('%s is refused at its place', async (config, message, hint) => {
  expect(await errorsOf(...subject(config, SCHEMA))).toMatchObject([
    { message, hint, position: { line: 7 } },
  ]);
});

test('a schema whose types are left out still checks', async () => {
  const schema = {
    properties: { rate: { minimum: 3 }, name: { minLength: 2 } },
    additionalProperties: false,
  };
  const errors = await errorsOf(...subject('{ rate: 1, name: x, zzz: 1 }', schema));
  expect(errors).toHaveLength(3);
});

describe('a hostile or broken schema harms nobody but its extension', () => {
  const recursive: Record<string, unknown> = { $defs: { a: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' };
  let deep: Record<string, unknown> = { type: 'string' };
  for (let i = 0; i < 20_000; i++) deep = { type: 'array', items: deep };
  test.each([
    [
      'a regular expression that never ends',
      { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } },
      /more than 1000 ms/,
    ],
    [
      'a regular expression that is none',
      { type: 'object', properties: { a: { type: 'string', pattern: '(' } } },
      /Invalid regular expression/,
    ],
    [
      'a type that does not exist',
      { type: 'object', properties: { a: { type: 'text' } } },
      /Unsupported type/,
    ],
    ['a keyword that is not supported', { not: { type: 'string' } }, /not supported/],
    ['a reference to elsewhere', { $ref: 'https://example.com/schema.json' }, /External/],
    ['a reference to itself', recursive, /./],
    ['no end of nesting', { type: 'object', properties: { a: deep } }, /nested too deeply/],
  ])('%s', async (_, schema, why) => {
    const errors = await errorsOf(...subject(`{ a: ${'a'.repeat(40)}! }`, schema));
    expect(errors).toMatchObject([
      {
        code: 'WEIR_CONFIG_PROVIDER_SCHEMA',
        message: expect.stringMatching(why),
        hint: 'ask the author of the extension to mend its manifest',
      },
    ]);
  });

  test('keys of a schema are data, and end up in no prototype', async () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"object"},"constructor":{"type":"string"}}}',
    );
    await loaded(...subject('{ constructor: x }', schema));
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});
