import { describe, expect, test } from 'vitest';
import { errorsOf, load, pipeline, places } from './subject.ts';

test('one run tells everything that is wrong, in the order of the file, each at its place', async () => {
  const errors = await errorsOf(`version: weir/v2
engine: { shutdown_deadlin: 10s }
policies: { channel_capacity: { pdata: 0 } }
groups:
  default:
    pipelines:
      main:
        nodes:
          in: { type: receiver:otpl, config: 5 }
          red: { type: processor:wasm, config: { on_fault: nak } }
          out: { type: exporter:file, config: { pth: a } }
        connections:
          - { from: in, to: rad }
          - { from: out, to: red }
      other:
        nodes: { in: { type: receiver:otlp, config: { tls: { crt: 1 } } } }
        connections: []
`);
  expect(places(errors)).toEqual([
    '1:10 CONFIG_VERSION weir/v2',
    '2:11 CONFIG_UNKNOWN_KEY shutdown_deadlin',
    '3:40 CONFIG_VALUE 0',
    '9:23 CONFIG_UNKNOWN_NODE_TYPE receiver:otpl',
    '9:46 CONFIG_VALUE 5',
    '10:11 CONFIG_GUEST red',
    '10:60 CONFIG_VALUE nak',
    '11:39 CONFIG_MISSING_KEY config',
    '11:49 CONFIG_UNKNOWN_KEY pth',
    '13:29 CONFIG_UNKNOWN_NODE rad',
    '14:21 CONFIG_CONNECTION_KIND out',
    '15:7 CONFIG_NO_PIPELINE other',
    '16:18 CONFIG_UNCONNECTED in',
    '16:55 CONFIG_MISSING_KEY tls',
    '16:62 CONFIG_UNKNOWN_KEY crt',
  ]);
});

describe('an error says how to mend it', () => {
  test.each([
    ['nodes: [1]', /`groups.default.pipelines.main.nodes`: expected a mapping, got a list/, undefined],
    [
      'nodes: { in: { type: receiver:otlp, config: { lissten: x } } }',
      /has no key `lissten`/,
      /did you mean `listen`\?/,
    ],
    [
      'nodes: { in: { type: receiver:otlp, config: { zzz: x } } }',
      /has no key `zzz`/,
      /known keys here: listen, max_request_bytes/,
    ],
    ['nodes: { in: { type: exporter:noop, config: { zzz: x } } }', /has no key `zzz`/, /leave it out/],
    ['nodes: { in: { type: otlp } }', /there is no node type "otlp"/, /did you mean `receiver:otlp`\?/],
    ['nodes: { in: { type: exporter:otlp } }', /there is no node type/, /did you mean `receiver:otlp`\?/],
    [
      'nodes: { in: { type: frobnicator } }',
      /there is no node type/,
      /node types: exporter:file, exporter:noop/,
    ],
    ['nodes: { in: { typ: receiver:otlp } }', /lacks the key `type`/, /add `type`: its kind/],
    [
      'nodes: { in: { type: exporter:file } }',
      /`nodes.in.config` lacks the key `path`/,
      /add `path`: where to write/,
    ],
    ['nodes: { in: { type: exporter:file, config: { path: 1 } } }', /expected a string, got 1/, /quote it/],
    [
      'nodes: { in: { type: receiver:otlp, config: { workers: 0 } } }',
      /workers`: expected at least 1, got 0/,
      undefined,
    ],
    [
      'nodes: { in: { type: receiver:otlp, config: { workers: 1.5 } } }',
      /workers`: expected a whole number, got 1.5/,
      undefined,
    ],
    [
      'nodes: { in: { type: receiver:otlp, config: { tls: yes please } } }',
      /tls`: expected false or a mapping, got "yes please"/,
      undefined,
    ],
    [
      'nodes: { in: { type: processor:wasm, config: { on_fault: Drop } } }',
      /expected "nack", "drop" or "pass"/,
      /did you mean `drop`\?/,
    ],
    ['nodes: { "a b": { type: exporter:noop } }', /"a b" cannot be the name of a node/, undefined],
    ['extensions: { e: { limits: {} } }', /`extensions.e` lacks the key `wasm`/, /add `wasm`: the component/],
    [
      'extensions: { e: { wasm: x, restart: { backoff: { initial: 60s } } } }',
      /restart.backoff.max`: expected at least as long as `initial`/,
      /`max`: longest wait/,
    ],
    [
      'extensions: { e: { wasm: x, restart: { max: 5s } } }',
      /restart.max`: expected a number of faults; how long waits become is `backoff: \{ max: … \}`/,
      undefined,
    ],
    ['extensions: { e: { wasm: x, ready_within: 0 } }', /ready_within`: expected 1ms to/, undefined],
    ['extensions: { e: { wasm: x, config: text } }', /config`: expected a mapping, got "text"/, undefined],
    ['connections: { from: in, to: out }', /connections`: expected a list, got a mapping/, undefined],
    ['connections: [in]', /`connections\[0\]`: expected a mapping, got "in"/, undefined],
    [
      'connections: [{ from: in }]',
      /`connections\[0\]` lacks the key `to`/,
      /add `to`: expected the name of a node/,
    ],
    [
      'connections: [{ from: [], to: [1] }]',
      /connections\[0\].to\[0\]`: expected the name of a node, got 1/,
      undefined,
    ],
    [
      'type: otap',
      /cannot stand in `groups.default.pipelines.main`/,
      /belongs in a node's entry under `nodes`/,
    ],
  ])('%s', async (section, message, hint) => {
    const errors = await errorsOf(
      `version: weir/v1\ngroups: { default: { pipelines: { main: { ${section} } } } }`,
    );
    const error = errors.find((candidate) => message.test(candidate.message));
    expect(error, errors.map((candidate) => candidate.message).join('\n')).toBeDefined();
    if (hint === undefined) expect(error!.hint ?? '').not.toMatch(/did you mean/);
    else expect(error!.hint).toMatch(hint);
  });
});

describe('what stands in the wrong section is told where it belongs', () => {
  test.each([
    ['extensions: {}', '', '', /at the top of the file/, /groups.<group>.pipelines.<pipeline>/],
    ['engine: { extensions: {} }', '', '', /in `engine`/, /groups.<group>.pipelines.<pipeline>/],
    ['', 'extensions: {}', '', /in `groups.default`/, /groups.<group>.pipelines.<pipeline>/],
    [
      '',
      '',
      'extensions: { e: { wasm: x, capabilities: {} } }',
      /in `extensions.e`/,
      /nodes use capabilities/,
    ],
    ['', '', 'extensions: { e: { type: receiver:otlp } }', /`e` is a node/, /move it to `nodes`/],
    ['', '', 'extensions: { e: { type: extension:x } }', /an extension is a component/, /wasm: .\/file.wasm/],
    ['', '', 'nodes: { e: { wasm: x.wasm } }', /`e` is an extension/, /move it to `extensions`/],
    [
      '',
      '',
      "nodes: { e: { type: 'urn:otel:extension:x' } }",
      /`e` is an extension/,
      /move it to `extensions`/,
    ],
    ['', '', 'nodes: { e: { type: exporter:noop, limits: {} } }', /in `nodes.e`/, /an extension's entry/],
  ])('%s%s%s', async (top, group, main, message, hint) => {
    const errors = await errorsOf(
      [
        'version: weir/v1',
        top,
        `groups: { default: { ${group}${group && ', '}pipelines: { main: { ${main} } } } }`,
      ].join('\n'),
    );
    expect(errors).toContainEqual(
      expect.objectContaining({
        code: 'WEIR_CONFIG_MISPLACED',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      }),
    );
  });
});

test.each([
  ['version: otel_dataflow/v1\ngroups: {}', '1:10 CONFIG_VERSION otel_dataflow/v1'],
  ['groups: {}', '1:1 CONFIG_VERSION groups: {}'],
  ['version: weir/v1', '1:1 CONFIG_MISSING_KEY version: weir/v1'],
  ['version: weir/v1\ngroups: {}', '2:1 CONFIG_NO_PIPELINE groups'],
  ['version: weir/v1\ngroups: { default: { pipelines: {} } }', '2:1 CONFIG_NO_PIPELINE groups'],
  ['version: weir/v1\ngroups: { default: }', '2:11 CONFIG_VALUE default'],
  ['just a text', '1:1 CONFIG_VALUE just a text'],
  ['- 1', '1:1 CONFIG_VALUE - 1'],
])('%j is refused', async (text, place) => {
  expect(places(await errorsOf(text))).toContain(place);
});

test('a group of the reserved name is refused', async () => {
  const errors = await errorsOf(pipeline({}).replace('default:', 'system:'));
  expect(errors).toMatchObject([
    { message: /reserved/.test(errors[0]!.message) ? errors[0]!.message : 'reserved' },
  ]);
});

test('no damage to a good file makes the check itself fail', async () => {
  const good = pipeline({
    nodes: `
      in: { type: receiver:otlp, config: { listen: '\${env:L:-x}', tls: { cert: c } } }
      red: { type: processor:rate_limit, capabilities: { rate-limiter: q } }
      out: { type: exporter:file, config: { path: a, tags: [b, c] } }`,
    connections: '\n- { from: in, to: red }\n- { from: [red], to: out }',
  });
  const { default: fc } = await import('fast-check');
  const snippet = fc.constantFrom(
    '',
    ' ',
    '\n',
    ':',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '#',
    '&a ',
    '*a',
    '!!int ',
    '|',
    '\t',
    '${',
    '0',
    '~',
    ',',
    '? ',
    '---\n',
    '\u0000',
    '𝕏',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(good.length), fc.nat(12), snippet), { minLength: 1, maxLength: 4 }),
      async (edits) => {
        let text = good;
        for (const [at, cut, put] of edits) text = text.slice(0, at) + put + text.slice(at + cut);
        const result = await load(text);
        if (result.errors === undefined) return;
        expect(result.errors.length).toBeGreaterThan(0);
        for (const { position, message } of result.errors) {
          expect(position.line).toBeLessThanOrEqual(text.split('\n').length);
          expect(message).not.toMatch(/undefined|\[object/);
        }
      },
    ),
    { numRuns: 200 },
  );
});
