import { expect, test } from 'vitest';
import { errorsOf, loaded, pipeline } from './subject.ts';

/** Receivers a, b; processors p, q, r; exporters x, y; only those that `connections` names, unless `more` adds some. */
function graph(connections: readonly string[], more = ''): string {
  const types: Record<string, string> = {
    p: 'processor:p',
    q: 'processor:p',
    r: 'processor:p',
    x: 'exporter:noop',
    y: 'exporter:noop',
  };
  const names = new Set(`${connections.join(' ')} ${more}`.match(/\b[abpqrxy]\b/g));
  const nodes = [...names].map(
    (name) =>
      `\n${name}: { type: ${types[name]?.replace('processor:p', 'processor:wasm, guest: g') ?? 'receiver:otlp'} }`,
  );
  const arrows = connections.map((arrow) => {
    const [from, to] = arrow.split('>').map((end) => (end.includes(',') ? `[${end}]` : end.trim()));
    return `\n- { from: ${from}, to: ${to} }`;
  });
  return pipeline({
    extensions: '\ng: { wasm: ../../package.json }',
    nodes: nodes.join(''),
    connections: arrows.join('') || ' []',
  });
}
const file = new URL('pipelines.yaml', import.meta.url).pathname;

test.each([
  [['a > x']],
  [['a > p', 'p > q', 'q > x']],
  [['a, b > p', 'p > x']],
  [['a > p', 'b > p', 'p > x']],
  [['a > x', 'b > y']],
])('%j is a pipeline', async (connections) => {
  await loaded(graph(connections), { file });
});

test.each([
  [['a > p', 'p > p', 'b > x'], '', ['CYCLE these connections lead round in a circle: p → p']],
  [
    ['a > p', 'p > q', 'q > r', 'r > p', 'b > x'],
    '',
    ['CYCLE these connections lead round in a circle: p → q → r → p'],
  ],
  [['p > q', 'q > p', 'a > x'], '', ['CYCLE these connections lead round in a circle: p → q → p']],
  [
    ['a > x'],
    'p',
    ['UNCONNECTED the processor `p` is not connected: nothing leads into it, and it leads nowhere'],
  ],
  [['a > x'], 'b', ['UNCONNECTED the receiver `b` is not connected: it leads nowhere']],
  [['a > x'], 'y', ['UNCONNECTED the exporter `y` is not connected: nothing leads into it']],
  [['a > x', 'p > x'], '', ['UNCONNECTED the processor `p` is not connected: nothing leads into it']],
  [['a > p', 'b > x'], '', ['UNCONNECTED the processor `p` is not connected: it leads nowhere']],
  [['a > x', 'a > x'], '', ['DUPLICATE_CONNECTION `a` is connected to `x` twice']],
  [['a, a > x'], '', ['DUPLICATE_CONNECTION `a` is connected to `x` twice']],
  [['a > x, y'], '', ['FAN_OUT `a` leads to `x` already; a node leads to exactly one other']],
  [['a > p', 'p > x', 'p > y'], '', ['FAN_OUT `p` leads to `x` already; a node leads to exactly one other']],
  [
    ['x > a'],
    '',
    [
      'CONNECTION_KIND `x` is an exporter: nothing leads on from it',
      'CONNECTION_KIND `a` is a receiver: nothing leads into it',
    ],
  ],
  [['a > b', 'a > x'], '', ['CONNECTION_KIND `b` is a receiver: nothing leads into it']],
  [
    ['a > x', 'a > y', 'y > x'],
    '',
    [
      'FAN_OUT `a` leads to `x` already; a node leads to exactly one other',
      'CONNECTION_KIND `y` is an exporter: nothing leads on from it',
    ],
  ],
])('%j with %j is refused', async (connections, more, expected) => {
  const errors = await errorsOf(graph(connections, more), { file });
  expect(
    errors.map(
      ({ code, message }) =>
        `${code.replace('WEIR_CONFIG_', '')} ${message.replace(/,? \(?(first on )?line \d+\)?/, '')}`,
    ),
  ).toEqual(expected);
});

test('a connection to a name that does not exist suggests one, and accuses nobody of being unconnected', async () => {
  const errors = await errorsOf(pipeline({ connections: ' [{ from: in, to: oot }]' }));
  expect(errors).toMatchObject([
    { code: 'WEIR_CONFIG_UNKNOWN_NODE', message: 'there is no node `oot`', hint: 'did you mean `out`?' },
  ]);
});

test('a cycle is told at the connection that closes it', async () => {
  const [error] = await errorsOf(graph(['a > p', 'p > q', 'q > p', 'b > x']), { file });
  expect(error!.frame!.lines.at(-1)).toContain('from: q, to: p');
});

test('a node of an unknown type is not accused on top', async () => {
  const errors = await errorsOf(
    pipeline({
      nodes: '\nin: { type: receiver:otpl }\nout: { type: exporter:noop }',
      connections: ' [{ from: out, to: in }]',
    }),
  );
  expect(errors.map(({ code }) => code)).toEqual([
    'WEIR_CONFIG_UNKNOWN_NODE_TYPE',
    'WEIR_CONFIG_CONNECTION_KIND',
  ]);
});
