import fc from 'fast-check';
import { expect, test } from 'vitest';
import { errorsAsJson, renderErrors } from '../../host/config/render.ts';
import { showConfig } from '../../host/config/show.ts';
import { errorsOf, loaded, pipeline } from './subject.ts';

const SECRET = 'hunter2-hunter2';

const withExporter = (config: string) =>
  pipeline({ nodes: `\nin: { type: receiver:otlp }\nout: { type: exporter:file, config: { ${config} } }` });

test('a shown configuration has references in place of what was substituted', async () => {
  const config = await loaded(withExporter("path: 'a/${env:TOKEN}/b', tags: ['${env:GONE:-fallback}']"), {
    env: { TOKEN: SECRET },
  });
  expect((config.pipelines[0]!.nodes[1]!.config as { path: string }).path).toBe(`a/${SECRET}/b`);
  const shown = showConfig(config);
  expect(shown).toContain('path: a/${env:TOKEN}/b');
  expect(shown).toContain('${env:GONE:-****}');
  expect(shown).not.toContain(SECRET);
  expect(shown).not.toContain('fallback');
});

test('whatever stands under `headers` is masked, literal or not', async () => {
  const text = withExporter(
    `path: a, headers: { authorization: Bearer ${SECRET}, x: '\${env:TOKEN}' }`,
  ).replace(
    'groups:',
    `engine: { telemetry: { endpoint: 'http://127.0.0.1:1', headers: { k: ${SECRET} } } }\ngroups:`,
  );
  const shown = showConfig(await loaded(text, { env: { TOKEN: SECRET } }));
  expect(shown).toContain('authorization: "****"');
  expect(shown).not.toContain(SECRET);
});

test('what is shown is itself a configuration, apart from the masks', async () => {
  const config = await loaded(withExporter('path: a'));
  expect((await loaded(showConfig(config))).pipelines[0]!.nodes.map(({ config }) => config)).toEqual(
    config.pipelines[0]!.nodes.map(({ config }) => config),
  );
});

test('no error tells a secret, wherever it was substituted', async () => {
  const places = [
    "version: '${env:S}'",
    "engine: { telemetry: { endpoint: '${env:S}' }, shutdown_deadline: '${env:S}' }",
    "engine: { telemetry: { endpoint: 'http://x', headers: '${env:S}' } }",
    "policies: { channel_capacity: { pdata: '${env:S}' } }",
    "policies: '${env:S}'",
    `engine: { telemetry: { endpoint: x, headers: { a: ${SECRET} } } }`,
  ];
  const nodes = [
    "in: { type: '${env:S}' }",
    "in: { type: receiver:otlp, capabilities: { rate-limiter: '${env:S}', bearer-token-authorizer: '${env:S}' } }",
    "in: { type: receiver:otlp, config: { workers: '${env:S}', verbose: 'x${env:S}', tls: '${env:S}' } }",
    "in: { type: processor:wasm, guest: '${env:S}', config: { on_fault: '${env:S}' } }",
    "in: { type: processor:rate_limit, config: { retry_after: '${env:S}' } }",
    `in: { type: exporter:file, config: { headers: { a: ${SECRET}, b: [1] }, pth: 1 } }`,
  ];
  const connections = ["{ from: '${env:S}', to: '${env:S}' }", "{ from: in, to: ['${env:S}'] }"];
  const extensions = ["e: { wasm: './${env:S}', limits: { memory: '${env:S}' } }"];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...places),
      fc.constantFrom(...nodes),
      fc.constantFrom(...connections),
      fc.constantFrom(...extensions),
      async (top, node, connection, extension) => {
        const text = pipeline({
          extensions: `\n${extension}`,
          nodes: `\n${node}\nout: { type: exporter:noop }`,
          connections: `\n- ${connection}`,
        });
        const whole = top.startsWith('version') ? text.replace('version: weir/v1', top) : `${top}\n${text}`;
        const errors = await errorsOf(whole, { env: { S: SECRET } });
        expect(renderErrors(errors, { color: true })).not.toContain(SECRET);
        expect(JSON.stringify(errorsAsJson(errors))).not.toContain(SECRET);
      },
    ),
    { numRuns: 100 },
  );
});
