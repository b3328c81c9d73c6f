import { expect, test } from 'vitest';
import { InvalidConfigError } from '../../host/config/errors.ts';
import { errorsAsJson, renderErrors } from '../../host/config/render.ts';
import { errorsOf, pipeline } from './subject.ts';

const BROKEN = pipeline({ nodes: '\nin: { type: receiver:otpl }\nout: { type: exporter:noop }' });

test('a person sees what is wrong, where, the lines around it and how to mend it', async () => {
  expect(
    renderErrors(await errorsOf(BROKEN), { color: false }),
  ).toBe(`error there is no node type "receiver:otpl"
  pipelines.yaml:7:23 WEIR_CONFIG_UNKNOWN_NODE_TYPE
  5 |       main:
  6 |         nodes:
  7 |           in: { type: receiver:otpl }
    |                       ^^^^^^^^^^^^^
  help: did you mean \`receiver:otlp\`?

1 error
`);
});

test('colours are there only when asked for', async () => {
  const errors = await errorsOf(BROKEN);
  expect(renderErrors(errors, { color: false })).not.toContain('\u001b');
  expect(renderErrors(errors, { color: true })).toContain('\u001b[31m');
});

test('a machine gets plain data', async () => {
  expect(errorsAsJson(await errorsOf(BROKEN))).toEqual([
    {
      code: 'WEIR_CONFIG_UNKNOWN_NODE_TYPE',
      message: 'there is no node type "receiver:otpl"',
      hint: 'did you mean `receiver:otlp`?',
      file: 'pipelines.yaml',
      line: 7,
      column: 23,
    },
  ]);
});

test('a long line is cut around the error, which stays underlined', async () => {
  const json = JSON.stringify({
    version: 'weir/v1',
    policies: {},
    groups: { ['g'.repeat(60)]: { pipelines: {}, zzz: 1 } },
  });
  const lines = renderErrors(await errorsOf(json), { color: false }).split('\n');
  const [code, caret] = [lines[2]!, lines[3]!];
  expect(code.length).toBeLessThan(130);
  expect(code.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('"zzz"');
});

test('control characters cannot steer the terminal', async () => {
  const errors = await errorsOf(pipeline({ nodes: '\n"in\\e[2J\\a": { type: "x\\e[31m" }' }));
  const text = renderErrors(errors, { color: false });
  expect(text).not.toContain('\u001b');
  expect(text).not.toContain('\u0007');
});

test('the thrown form tells the first error and counts the rest', async () => {
  const errors = await errorsOf(BROKEN.replace('exporter:noop', 'exporter:nop'));
  const error = new InvalidConfigError(errors);
  expect(error.errors).toHaveLength(2);
  expect(error).toMatchObject({
    code: 'WEIR_CONFIG_INVALID',
    message:
      'the configuration has errors: pipelines.yaml:7:23: there is no node type "receiver:otpl" (and 1 more)',
    position: { line: 7, column: 23 },
  });
});
