import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../host/config/load.ts';
import { DEFAULT_LIMITS } from '../../host/config/model.ts';
import { errorsOf, loaded, nodeTypes, pipeline, places } from './subject.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-config-'));
  for (const name of ['auth.wasm', 'redact.wasm']) await writeFile(join(folder, name), '');
  return () => rm(folder, { recursive: true, force: true });
});

const WHOLE = `version: weir/v1
engine:
  telemetry: { endpoint: http://127.0.0.1:4318, headers: { authorization: Bearer x } }
  shutdown_deadline: 3s
policies: { channel_capacity: { pdata: 64 } }
groups:
  default:
    pipelines:
      main:
        policies: { channel_capacity: { pdata: 8 } }
        extensions:
          auth:
            wasm: ./auth.wasm
            description: who may send
            config: { tokens: [a] }
            limits: { memory: 1 MiB }
            restart: { window: 30s, backoff: { max: 5s } }
            quarantine: { cooldown: 1m }
          redact: { wasm: redact.wasm }
        nodes:
          in: { type: receiver:otlp, capabilities: { bearer-token-authorizer: auth }, config: { workers: 2 } }
          gen: { type: receiver:otlp }
          red: { type: processor:wasm, guest: redact }
          out: { type: exporter:file, config: { path: out.jsonl } }
        connections:
          - { from: [in, gen], to: red }
          - { from: red, to: [out] }
      plain:
        nodes: { in: { type: receiver:otlp }, out: { type: exporter:noop } }
        connections: [{ from: in, to: out }]
`;

test('a configuration comes out whole, defaults filled in', async () => {
  const file = join(folder, 'pipelines.yaml');
  const config = await loaded(WHOLE, { file });
  const [main, plain] = config.pipelines;
  expect(config).toMatchObject({
    version: 'weir/v1',
    file,
    engine: {
      telemetry: { endpoint: 'http://127.0.0.1:4318', headers: { authorization: 'Bearer x' } },
      shutdownDeadlineMs: 3000,
    },
  });
  expect(main).toMatchObject({ group: 'default', name: 'main', position: { file, line: 9, column: 7 } });
  expect(main!.extensions).toEqual([
    {
      name: 'auth',
      position: { file, line: 12, column: 11 },
      wasm: join(folder, 'auth.wasm'),
      description: 'who may send',
      config: { tokens: ['a'] },
      limits: { ...DEFAULT_LIMITS, memoryBytes: 2 ** 20 },
      grants: { http: [], fs: [], env: [], random: false, stdout: false },
      supervision: {
        restart: { max: 5, windowMs: 30_000, backoff: { initialMs: 100, maxMs: 5000, jitter: 0.5 } },
        quarantine: { cooldownMs: 60_000 },
        readyWithinMs: 5000,
        checkpoint: { everyMs: 10_000, maxBytes: 2 ** 20 },
      },
    },
    expect.objectContaining({
      name: 'redact',
      wasm: join(folder, 'redact.wasm'),
      config: {},
      description: undefined,
    }),
  ]);
  expect(main!.nodes.map(({ name, type }) => [name, type])).toEqual([
    ['in', 'receiver:otlp'],
    ['gen', 'receiver:otlp'],
    ['red', 'processor:wasm'],
    ['out', 'exporter:file'],
  ]);
  expect(main!.nodes[0]).toMatchObject({
    config: { workers: 2, listen: '127.0.0.1:4318', max_request_bytes: 4 * 2 ** 20 },
    capabilities: new Map([
      ['bearer-token-authorizer', { extension: 'auth', position: { file, line: 21, column: 79 } }],
    ]),
    guest: undefined,
  });
  expect(main!.nodes[2]!.guest).toMatchObject({ extension: 'redact' });
  expect(main!.connections.map(({ from, to }) => `${from} → ${to}`)).toEqual([
    'in → red',
    'gen → red',
    'red → out',
  ]);
  expect(plain!.extensions).toEqual([]);
});

test('omitted policies are inherited from the pipeline outwards', async () => {
  const { pipelines } = await loaded(WHOLE, { file: join(folder, 'pipelines.yaml') });
  expect(pipelines.map(({ policies }) => policies.channelCapacity)).toEqual([8, 64]);
  const [bare] = (await loaded(pipeline({}))).pipelines;
  expect(bare!.policies).toEqual({ channelCapacity: 128 });
  const [group] = (
    await loaded(
      pipeline({}).replace('  default:', '  default:\n    policies: { channel_capacity: { pdata: 3 } }'),
    )
  ).pipelines;
  expect(group!.policies).toEqual({ channelCapacity: 3 });
});

test('the same name may be used for a node and an extension', async () => {
  const { pipelines } = await loaded(
    pipeline({
      extensions: '\n  red: { wasm: redact.wasm }',
      nodes:
        '\nin: { type: receiver:otlp }\nred: { type: processor:wasm, guest: red }\nout: { type: exporter:noop }',
      connections: '\n- { from: in, to: red }\n- { from: red, to: out }',
    }),
    { file: join(folder, 'x.yaml') },
  );
  expect(pipelines[0]!.nodes[1]!.guest!.extension).toBe('red');
});

test('sections with nothing in them count as left out', async () => {
  const text = pipeline({
    nodes: '\nin: { type: receiver:otlp, config: }\nout: { type: exporter:noop }',
  }).replace('groups:', 'engine:\npolicies:\ngroups:');
  expect((await loaded(text)).engine).toEqual({
    telemetry: undefined,
    shutdownDeadlineMs: 10_000,
    instances: 1000,
    trust: { keys: [], required: false },
  });
});

test('anchors and aliases save repetition', async () => {
  const config = await loaded(
    pipeline({
      nodes: `
        in: { type: receiver:otlp, config: &shared { workers: 3 } }
        in2: { type: receiver:otlp, config: *shared }
        out: { type: exporter:noop }`,
      connections: ' [{ from: [in, in2], to: out }]',
    }),
  );
  expect(config.pipelines[0]!.nodes.map(({ config }) => (config as { workers?: number }).workers)).toEqual([
    3,
    3,
    undefined,
  ]);
});

describe('a file', () => {
  test('is read from its path, and paths in it are relative to its folder', async () => {
    const file = join(folder, 'read.yaml');
    await writeFile(file, `\uFEFF${WHOLE}`);
    const { config } = await loadConfig(file, { nodeTypes });
    expect(config!.pipelines[0]!.extensions[0]!.wasm).toBe(join(folder, 'auth.wasm'));
  });

  test.each([
    ['missing.yaml', 'it does not exist'],
    ['.', 'it is a folder'],
  ])('%s that cannot be read is one error', async (name, why) => {
    const { errors } = await loadConfig(join(folder, name), { nodeTypes });
    expect(errors).toMatchObject([
      { code: 'WEIR_CONFIG_FILE', message: `the configuration cannot be read: ${why}` },
    ]);
  });

  test('that is not text is one error', async () => {
    const file = join(folder, 'binary.yaml');
    await writeFile(file, Uint8Array.of(0xff, 0xfe, 0x00));
    const { errors } = await loadConfig(file, { nodeTypes });
    expect(errors).toMatchObject([{ code: 'WEIR_CONFIG_FILE', hint: 'save it as UTF-8' }]);
  });
});

describe('malformed YAML', () => {
  test.each([
    ['', '1:1', /empty/],
    ['# only a comment\n', '1:1', /empty/],
    ['version: weir/v1\ngroups: {\n', '3:1', /flow map/i],
    ['version: "weir/v1\n', '2:1', /quote/],
    ['version: weir/v1\n\tgroups: 1', '2:1', /[Tt]ab/],
    ['version: weir/v1\n---\nversion: 2', '2:1', /several YAML documents/],
    ['version: *gone', '1:10', /[Aa]lias|anchor/],
    ['version: !secret x', '1:10', /[Tt]ag/],
    ['? [a]\n: 1', '1:3', /plain word/],
    ['__proto__: 1', '1:1', /plain word/],
    [`a: ${'['.repeat(200)}${']'.repeat(200)}`, '1:104', /nested too deeply/],
    [`a: ${'['.repeat(5000)}${']'.repeat(5000)}`, /^1:/, /nested too deeply/],
    ['a: &a [*a]', '1:7', /aliases expand/],
  ])('%j is an error at %s', async (text, at, message) => {
    const error = (await errorsOf(text)).find(({ code }) => code === 'WEIR_CONFIG_SYNTAX');
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    expect(`${error!.position.line}:${error!.position.column}`).toMatch(at);
  });

  test('aliases that multiply are stopped early', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `l${i}: &l${i} [${Array(10).fill(i === 0 ? 'x' : `*l${i - 1}`)}]`,
    );
    expect(await errorsOf(levels.join('\n'))).toMatchObject([
      { message: expect.stringMatching(/aliases expand/) },
    ]);
  });

  test('a substitution that breaks a flow mapping is told to be quoted', async () => {
    const errors = await errorsOf(
      pipeline({ nodes: '\nin: { type: receiver:otlp, config: { listen: ${env:X} } }' }),
    );
    expect(errors[0]).toMatchObject({
      code: 'WEIR_CONFIG_SYNTAX',
      hint: "inside { } and [ ] quote it: '${env:NAME}'",
    });
  });

  test('every duplicate key is told, and checking goes on', async () => {
    const errors = await errorsOf(
      pipeline({
        nodes:
          '\nin: { type: receiver:otlp }\nin: { type: receiver:otpl }\nout: { type: exporter:noop, type: x:y }',
      }),
    );
    expect(places(errors)).toEqual([
      '8:11 CONFIG_DUPLICATE_KEY in',
      '8:23 CONFIG_UNKNOWN_NODE_TYPE receiver:otpl',
      '9:39 CONFIG_DUPLICATE_KEY type',
      '9:45 CONFIG_UNKNOWN_NODE_TYPE x:y',
    ]);
  });

  test('numbers that JSON does not have are refused', async () => {
    const errors = await errorsOf(
      pipeline({
        nodes: '\nin: { type: receiver:otlp, config: { workers: .inf } }\nout: { type: exporter:noop }',
      }),
    );
    expect(places(errors)).toContain('7:57 CONFIG_VALUE .inf');
  });
});
