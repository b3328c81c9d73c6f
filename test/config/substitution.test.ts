import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { errorsOf, loaded, pipeline, places } from './subject.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-substitution-'));
  await writeFile(join(folder, 'token'), 'from a file\n');
  await writeFile(join(folder, 'two-newlines'), 'x\n\n');
  await writeFile(join(folder, 'binary'), Uint8Array.of(0xff));
  await writeFile(join(folder, 'long'), 'x'.repeat(1024 * 1024 + 1));
  return () => rm(folder, { recursive: true, force: true });
});

/** A pipeline whose exporter writes to `path`, and what became of it. */
const withPath = (path: string) =>
  pipeline({
    nodes: `\nin: { type: receiver:otlp }\nout: { type: exporter:file, config: { path: ${path} } }`,
  });
async function pathOf(path: string, env: Record<string, string> = {}): Promise<unknown> {
  const config = await loaded(withPath(JSON.stringify(path)), { env, file: join(folder, 'c.yaml') });
  return (config.pipelines[0]!.nodes[1]!.config as { path: string }).path;
}

test.each([
  ['${env:A}', 'alpha'],
  ['${env:A}/${env:B}', 'alpha/beta'],
  ['x${env:A}y', 'xalphay'],
  ['${env:GONE:-other}', 'other'],
  ['${env:EMPTY:-other}', 'other'],
  ['${env:EMPTY}', ''],
  ['${env:GONE:-}', ''],
  ['${env:A:-other}', 'alpha'],
  ['${env:GONE:-a:-b c}', 'a:-b c'],
  ['$$', '$'],
  ['$${env:A}', '${env:A}'],
  ['$$${env:A}', '$alpha'],
  ['$5 and $', '$5 and $'],
  ['${file:token}', 'from a file'],
  ['${file:./two-newlines}', 'x\n'],
  ['${env:SNEAKY}', '${env:A}'],
])('%s becomes %j', async (written, value) => {
  expect(await pathOf(written, { A: 'alpha', B: 'beta', EMPTY: '', SNEAKY: '${env:A}' })).toBe(value);
});

test('an absolute path is read as it is', async () => {
  expect(await pathOf(`\${file:${join(folder, 'token')}}`)).toBe('from a file');
});

test('what is put in never changes the structure', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string(), fc.constantFrom('a: b', '{x: 1}', '- 1', '"', '\n  in: 2', '*a', '123', 'true')),
      async (text) => {
        expect(await pathOf('${env:ANY}', { ANY: text })).toBe(text);
      },
    ),
    { numRuns: 50 },
  );
});

test.each([
  ['${env:GONE}', /environment variable `GONE` is not set/, /give a default: `\$\{env:GONE:-default\}`/],
  ['${GONE}', /no substitution; expected `\$\{env:NAME\}`/, /write `\$\{env:GONE\}`/],
  ['${env:1st}', /no substitution/, /for a literal/],
  ['${vault:x}', /no substitution/, /for a literal/],
  ['${env:A', /never closed/, /add the `}`/],
  ['${file:gone}', /gone cannot be read: it does not exist/, /it was looked for at .*gone/],
  ['${file:.}', /it is a folder/, /relative/],
  ['${file:binary}', /not UTF-8 text/, /relative/],
  ['${file:long}', /too long/, /1048576 bytes/],
])('%s is an error with a way out', async (written, message, hint) => {
  const errors = await errorsOf(withPath(JSON.stringify(written)), { file: join(folder, 'c.yaml') });
  expect(errors).toMatchObject([
    {
      code: 'WEIR_CONFIG_SUBSTITUTION',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    },
  ]);
  expect(errors[0]!.position).toMatchObject({ line: 8, column: 55 });
});

test('a key is not substituted, and that is said', async () => {
  const errors = await errorsOf(
    pipeline({ nodes: '\nin: { type: receiver:otlp, config: { "${env:KEY}": 1 } }' }),
  );
  expect(places(errors)).toContain('7:48 CONFIG_SUBSTITUTION "${env:KEY}"');
});

const withWorkers = (config: string) =>
  pipeline({ nodes: `\nin: { type: receiver:otlp, config: { ${config} } }\nout: { type: exporter:noop }` });

test('a single reference takes the type that the schema wants', async () => {
  const env = { WORKERS: '4', YES: 'true', SIZE: '65536', LISTEN: '4318' };
  const config = await loaded(
    withWorkers(
      "workers: '${env:WORKERS}', verbose: '${env:YES}', max_request_bytes: '${env:SIZE}', listen: '${env:LISTEN}', tls: '${env:NO:-false}'",
    ),
    { env },
  );
  expect(config.pipelines[0]!.nodes[0]!.config).toEqual({
    workers: 4,
    verbose: true,
    max_request_bytes: 65_536,
    listen: '4318',
    tls: false,
  });
});

test('the engine’s own sections take types too', async () => {
  const text = pipeline({}).replace(
    'groups:',
    "policies: { channel_capacity: { pdata: '${env:CAPACITY}' } }\ngroups:",
  );
  expect((await loaded(text, { env: { CAPACITY: '16' } })).pipelines[0]!.policies.channelCapacity).toBe(16);
});

test.each(['four', '4x', '', '1e999', '[4]', '1 #', '"4"'])(
  '%j is no number, and is not shown',
  async (value) => {
    const errors = await errorsOf(withWorkers("workers: '${env:WORKERS}'"), { env: { WORKERS: value } });
    expect(errors).toMatchObject([
      {
        message: '`nodes.in.config.workers`: expected a number, got "${env:WORKERS}"',
        code: 'WEIR_CONFIG_VALUE',
      },
    ]);
  },
);

test('a text around the reference, or quotes without one, keep it a string', async () => {
  expect(await errorsOf(withWorkers("workers: '${env:ONE}0'"), { env: { ONE: '1' } })).toHaveLength(1);
  expect(await errorsOf(withWorkers("workers: '10'"))).toHaveLength(1);
});

test('types and names may be substituted', async () => {
  const config = await loaded(
    pipeline({
      nodes: "\nin: { type: '${env:IN}' }\nout: { type: 'exporter:${env:OUT}' }",
      connections: " [{ from: in, to: '${env:TO}' }]",
    }),
    { env: { IN: 'receiver:otlp', OUT: 'noop', TO: 'out' } },
  );
  expect(config.pipelines[0]!.connections).toMatchObject([{ from: 'in', to: 'out' }]);
});
