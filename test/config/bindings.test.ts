import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DescribeProvider } from '../../host/config/bindings.ts';
import { defineErrors, WeirError } from '../../host/errors.ts';
import { errorsOf, loaded, pipeline, providers, underlined } from './subject.ts';

let file: string;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weir-bindings-'));
  for (const name of ['auth.wasm', 'quota.wasm', 'redact.wasm']) await writeFile(join(folder, name), name);
  file = join(folder, 'pipelines.yaml');
  return () => rm(folder, { recursive: true, force: true });
});

const describeProvider = providers({
  'auth.wasm': {
    provides: ['bearer-token-authorizer'],
    isConfigured: true,
    manifest: { config: { type: 'object' } },
  },
  'quota.wasm': { provides: ['rate-limiter'], isConfigured: true, manifest: {} },
  'redact.wasm': { provides: ['processor'], isConfigured: true, manifest: undefined },
});

const EXTENSIONS = `
  auth: { wasm: ./auth.wasm, config: { tokens: [] } }
  quota: { wasm: ./quota.wasm }
  redact: { wasm: ./redact.wasm, config: { anything: goes } }`;

function withNodes(receiver: string, processor: string, extensions = EXTENSIONS): string {
  return pipeline({
    extensions,
    nodes: `\nin: { ${receiver} }\nmid: { ${processor} }\nout: { type: exporter:noop }`,
    connections: '\n- { from: in, to: mid }\n- { from: mid, to: out }',
  });
}
const RECEIVER = 'type: receiver:otlp, capabilities: { bearer-token-authorizer: auth }';
const LIMITER = 'type: processor:rate_limit, capabilities: { rate-limiter: quota }';

test('bindings that resolve are accepted', async () => {
  await loaded(withNodes(RECEIVER, LIMITER), { file, describeProvider });
  await loaded(withNodes(RECEIVER, 'type: processor:wasm, guest: redact'), { file, describeProvider });
});

describe('a list of extensions for one capability', () => {
  const two = `${EXTENSIONS}\n  spare: { wasm: ./quota.wasm }`;
  const limiter = (list: string) =>
    withNodes(RECEIVER, `type: processor:rate_limit, capabilities: { rate-limiter: ${list} }`, two);

  test('is an extension and its fallbacks, each with its place', async () => {
    const { pipelines } = await loaded(limiter('[quota, spare]'), { file, describeProvider });
    const binding = pipelines[0]!.nodes[1]!.capabilities.get('rate-limiter')!;
    expect(binding).toMatchObject({ extension: 'quota', fallbacks: [{ extension: 'spare' }] });
    expect(binding.fallbacks[0]!.position.column).toBe(binding.position.column + 'quota, '.length);
  });

  test.each([
    ['[quota, spaer]', 'CAPABILITY_UNKNOWN_EXTENSION spaer'],
    ['[quota, auth]', 'CAPABILITY_NOT_PROVIDED_HERE auth'],
    ['[quota, quota]', 'CONFIG_VALUE quota'],
    ['[]', 'CONFIG_VALUE []'],
    ['[quota, 3]', 'CONFIG_VALUE 3'],
    ['{ a: b }', 'CONFIG_VALUE { a: b }'],
  ])('is refused where it is wrong: %s', async (list, expected) => {
    expect(underlined(await errorsOf(limiter(list), { file, describeProvider }))).toEqual([expected]);
  });
});

describe('a binding that does not resolve has an error of its own kind', () => {
  test.each([
    [
      'type: receiver:otlp, capabilities: { bearer-token-authorizer: auht }',
      LIMITER,
      'CAPABILITY_UNKNOWN_EXTENSION auht',
      /did you mean `auth`/,
    ],
    [
      'type: receiver:otlp, capabilities: { bearer_token_authoriser: auth }',
      LIMITER,
      'CAPABILITY_UNKNOWN bearer_token_authoriser',
      /did you mean `bearer-token-authorizer`/,
    ],
    [
      'type: receiver:otlp, capabilities: { bearer-token-authorizer: quota }',
      LIMITER,
      'CAPABILITY_NOT_PROVIDED_HERE quota',
      /that does: auth/,
    ],
    [
      RECEIVER,
      'type: processor:rate_limit, capabilities: { rate-limiter: redact }',
      'CAPABILITY_NOT_PROVIDED_HERE redact',
      /that does: quota/,
    ],
    [
      RECEIVER,
      'type: processor:rate_limit',
      'CONFIG_MISSING_CAPABILITY mid',
      /capabilities: \{ rate-limiter: quota \}/,
    ],
    [
      'type: receiver:otlp, capabilities: { rate-limiter: quota }',
      LIMITER,
      'CONFIG_UNUSED_CAPABILITY rate-limiter',
      /it uses: bearer-token-authorizer/,
    ],
    [RECEIVER, 'type: processor:wasm', 'CONFIG_GUEST mid', /guest: redact/],
    [RECEIVER, `${LIMITER}, guest: redact`, 'CONFIG_GUEST guest', /leave it out/],
    [
      RECEIVER,
      'type: processor:wasm, guest: redcat',
      'CAPABILITY_UNKNOWN_EXTENSION redcat',
      /did you mean `redact`/,
    ],
    [
      RECEIVER,
      'type: processor:wasm, guest: quota',
      'CAPABILITY_NOT_PROVIDED_HERE quota',
      /that does: redact/,
    ],
    [
      RECEIVER,
      'type: processor:wasm, guest: redact, capabilities: { processor: redact }',
      'CAPABILITY_UNKNOWN processor',
      /`guest:`/,
    ],
  ])('%s / %s', async (receiver, processor, place, hint) => {
    const errors = await errorsOf(withNodes(receiver, processor), { file, describeProvider });
    expect(underlined(errors)).toEqual([place]);
    expect(errors[0]!.hint).toMatch(hint);
  });

  test('nobody provides it', async () => {
    const text = withNodes(
      RECEIVER,
      'type: processor:rate_limit, capabilities: { rate-limiter: auth }',
      EXTENSIONS.replace(/.*quota.*\n/, ''),
    );
    expect(underlined(await errorsOf(text, { file, describeProvider }))).toEqual([
      'CAPABILITY_NOT_PROVIDED rate-limiter',
    ]);
  });
});

describe('a component', () => {
  test('is looked at once, however many extensions and pipelines use it', async () => {
    const looked: string[] = [];
    const counting: DescribeProvider = (wasm, limits) => {
      looked.push(wasm);
      return describeProvider(wasm, limits);
    };
    const twice = withNodes(RECEIVER, LIMITER)
      .replace('  default:', '  first: &g\n    {}\n  default:')
      .replace('&g\n    {}', '{ pipelines: {} }');
    await loaded(twice.replace('auth:', 'auth2: { wasm: auth.wasm }\n          auth:'), {
      file,
      describeProvider: counting,
    });
    expect(looked.map((path) => path.split('/').at(-1)).sort()).toEqual([
      'auth.wasm',
      'quota.wasm',
      'redact.wasm',
    ]);
  });

  test('that is missing, or is a folder, is told at its path and nowhere else', async () => {
    const text = withNodes(
      RECEIVER,
      LIMITER,
      EXTENSIONS.replace('./auth.wasm', './gone.wasm').replace('./quota.wasm', '.'),
    );
    const errors = await errorsOf(text, { file, describeProvider });
    expect(underlined(errors)).toEqual(['CONFIG_FILE ./gone.wasm', 'CONFIG_FILE .']);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/gone.wasm cannot be read: it does not exist/),
      expect.stringMatching(/it is a folder/),
    ]);
  });

  test('that cannot be used is told at its path, with the code of whoever found out', async () => {
    const codes = defineErrors('test', { WEIR_TEST_COMPONENT: 'For this test.' });
    const refusing: DescribeProvider = async (wasm, limits) => {
      if (!wasm.endsWith('auth.wasm')) return describeProvider(wasm, limits);
      throw new WeirError(codes.WEIR_TEST_COMPONENT, 'this is a core module', {
        hint: 'make a component of it',
      });
    };
    const errors = await errorsOf(withNodes(RECEIVER, LIMITER), { file, describeProvider: refusing });
    expect(underlined(errors)).toEqual(['TEST_COMPONENT ./auth.wasm']);
    expect(errors[0]).toMatchObject({
      message: expect.stringMatching(/auth.wasm cannot be used: this is a core module/),
      hint: 'make a component of it',
    });
  });

  test('is looked at even if its entry is broken elsewhere', async () => {
    const text = withNodes(RECEIVER, LIMITER, EXTENSIONS.replace('./auth.wasm,', './gone.wasm, limits: 5,'));
    expect(underlined(await errorsOf(text, { file, describeProvider }))).toEqual([
      'CONFIG_FILE ./gone.wasm',
      'CONFIG_VALUE 5',
    ]);
  });

  test('a failure that is not the component’s is not blamed on the configuration', async () => {
    const failing: DescribeProvider = () => Promise.reject(new TypeError('a bug'));
    await expect(errorsOf(withNodes(RECEIVER, LIMITER), { file, describeProvider: failing })).rejects.toThrow(
      'a bug',
    );
  });

  test.each([
    ['by its manifest', { isConfigured: true, manifest: {} }],
    ['by its exports', { isConfigured: false, manifest: undefined }],
    ['by its exports, whatever its manifest says', { isConfigured: false, manifest: { config: {} } }],
  ])('that takes no configuration %s gets none', async (_, facts) => {
    const describeProvider = providers({
      'auth.wasm': { provides: ['bearer-token-authorizer'], isConfigured: true, manifest: undefined },
      'quota.wasm': { provides: ['rate-limiter'], ...facts },
      'redact.wasm': { provides: ['processor'], isConfigured: true, manifest: undefined },
    });
    const text = withNodes(
      RECEIVER,
      LIMITER,
      EXTENSIONS.replace('./quota.wasm', './quota.wasm, config: { rate: 5 }'),
    );
    const errors = await errorsOf(text, { file, describeProvider });
    expect(errors).toMatchObject([
      { message: 'the extension `quota` takes no configuration', hint: 'leave `config` out' },
    ]);
  });
});
