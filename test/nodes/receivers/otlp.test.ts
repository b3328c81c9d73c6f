import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { OTLPLogExporter as LogsJson } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as LogsProto } from '@opentelemetry/exporter-logs-otlp-proto';
import protobuf from 'protobufjs';
import { afterEach, describe, expect, it } from 'vitest';
import { SELF_TELEMETRY_HEADER } from '../../../host/nodes/receivers/otlp.ts';
import type { Nack } from '../../../host/pipeline/delivery.ts';
import { countItems } from '../../../host/pipeline/otlp/count.ts';
import { officialResponse } from '../../opentelemetry-proto/definitions.ts';
import { sdkLogs } from '../../opentelemetry-proto/sdk-records.ts';
import { node, processor, Sink } from '../../pipeline/parts.ts';
import { exampleBytes, type OtlpServer, otlpServer, post, type ServerOptions } from '../otlp-server.ts';

const signals = ['logs', 'metrics', 'traces'] as const;
const json = { 'content-type': 'application/json' };
const Status = protobuf
  .parse('syntax = "proto3"; message Status { int32 code = 1; string message = 2; }')
  .root.lookupType('Status');

const running: OtlpServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function serve(sink: Sink, options: ServerOptions = {}): Promise<OtlpServer> {
  const server = await otlpServer([node('out', 'exporter', sink)], options);
  running.push(server);
  return server;
}

/** Poll until something is so; the test's own timeout is the bound. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a batch that is taken', () => {
  it.each(signals)('is handed on and answered with the response message of %s', async (signal) => {
    const sink = new Sink();
    const { url } = await serve(sink);
    const bytes = exampleBytes(signal, 3);
    const answer = await post(`${url}/v1/${signal}`, bytes);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-protobuf']);
    expect(officialResponse[signal].decode(answer.body).toJSON()).toEqual({});
    expect(sink.deliveries[0]!.batch).toEqual({ signal, bytes: Buffer.from(bytes) });
  });

  it.each(signals)('in JSON becomes protobuf and is answered in JSON: %s', async (signal) => {
    const sink = new Sink();
    const { url } = await serve(sink);
    const bodies = {
      logs: '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hi"}}]}]}]}',
      metrics:
        '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"asInt":"1"}]}}]}]}]}',
      traces: '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"n","kind":1}]}]}]}',
    };
    const answer = await post(`${url}/v1/${signal}`, bodies[signal], {
      'content-type': 'application/json; charset=utf-8',
    });
    expect([answer.status, answer.headers['content-type'], answer.body.toString()]).toEqual([
      200,
      'application/json',
      '{}',
    ]);
    expect(countItems(sink.deliveries[0]!.batch)).toBe(1);
  });

  it('may come gzipped', async () => {
    const sink = new Sink();
    const { url } = await serve(sink);
    const bytes = exampleBytes('logs', 50);
    expect((await post(`${url}/v1/logs`, gzipSync(bytes), { 'content-encoding': 'gzip' })).status).toBe(200);
    expect(Buffer.from(sink.deliveries[0]!.batch.bytes).equals(bytes)).toBe(true);
  });

  it('may be empty', async () => {
    const { url } = await serve(new Sink());
    expect((await post(`${url}/v1/logs`, '')).status).toBe(200);
    expect((await post(`${url}/v1/logs`, '{}', json)).status).toBe(200);
  });

  it('gets its 200 only after the acknowledgement', async () => {
    const sink = new Sink();
    sink.ack = false;
    const { url } = await serve(sink);
    let answered = false;
    const answer = post(`${url}/v1/logs`, exampleBytes('logs')).finally(() => {
      answered = true;
    });
    await until(() => sink.deliveries.length === 1);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    sink.deliveries[0]!.ack();
    expect((await answer).status).toBe(200);
  });

  it.each([
    ['protobuf', LogsProto],
    ['JSON', LogsJson],
  ] as const)('may come from the OpenTelemetry SDK in %s', async (_name, Exporter) => {
    const sink = new Sink();
    const { url } = await serve(sink);
    const exporter = new Exporter({ url: `${url}/v1/logs` });
    const result = await new Promise<{ code: number }>((resolve) => exporter.export(sdkLogs(20), resolve));
    expect(result.code).toBe(0);
    expect(countItems(sink.deliveries[0]!.batch)).toBe(20);
    await exporter.shutdown();
  });
});

describe('what cannot be taken', () => {
  it.each([
    ['garbage', Buffer.from('not protobuf at all'), {}],
    ['truncated protobuf', exampleBytes('logs', 2).subarray(0, 9), {}],
    ['JSON that is cut off', '{"resourceLogs":[', json],
    ['a list', '[]', json],
    ['what is not gzip', Buffer.from('plain'), { 'content-encoding': 'gzip' }],
    ['truncated gzip', gzipSync(exampleBytes('logs', 9)).subarray(0, 20), { 'content-encoding': 'gzip' }],
  ])('is answered 400: %s', async (_name, body, headers) => {
    const sink = new Sink();
    const { url } = await serve(sink);
    const answer = await post(`${url}/v1/logs`, body, headers);
    expect(answer.status).toBe(400);
    const status = 'content-type' in headers ? answer.json() : Status.decode(answer.body).toJSON();
    expect(status).toMatchObject({ code: 3, message: expect.any(String) });
    expect(sink.deliveries).toEqual([]);
  });

  it.each([
    [404, '/v1/profiles', 'POST', json],
    [404, '/', 'POST', {}],
    [405, '/v1/logs', 'GET', {}],
    [405, '/v1/logs', 'PUT', json],
    [415, '/v1/logs', 'POST', { 'content-type': 'text/plain' }],
    [415, '/v1/logs', 'POST', { 'content-type': '' }],
    [415, '/v1/logs', 'POST', { 'content-encoding': 'br' }],
  ])('is answered %i: %s %s', async (status, path, method, headers) => {
    const { url } = await serve(new Sink());
    const answer = await post(url + path, exampleBytes('logs'), headers as Record<string, string>, method);
    expect(answer.status).toBe(status);
    if (status === 405) expect(answer.headers.allow).toBe('POST');
    if (answer.headers['content-type'] === 'application/json') expect(answer.json().message).not.toBe('');
    else expect(Status.decode(answer.body).toJSON()).toHaveProperty('message');
  });

  it('is answered 413 when it is too large, plain, chunked or as a gzip bomb', async () => {
    const sink = new Sink();
    const { url } = await serve(sink, { config: { max_request_bytes: '10 KB' } });
    const large = exampleBytes('logs', 2_000);
    expect((await post(`${url}/v1/logs`, large)).status).toBe(413);
    const chunked = await fetch(`${url}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Blob([large as Uint8Array<ArrayBuffer>]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
    const bomb = gzipSync(Buffer.alloc(9_000_000));
    expect(bomb.length).toBeLessThan(10_000);
    expect((await post(`${url}/v1/logs`, bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
    expect((await post(`${url}/v1/logs`, exampleBytes('logs'))).status).toBe(200);
    expect(sink.deliveries.length).toBe(1);
  });

  it('does not harm the next request on the same connection', async () => {
    const { url } = await serve(new Sink(), { config: { max_request_bytes: '1 KB' } });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(Buffer.from(chunk)));
    const head = (length: number) =>
      `POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
    socket.write(head(2_000) + 'x'.repeat(2_000));
    await until(() => Buffer.concat(received).includes('413'));
    socket.write(`${head(2)}{}`);
    await until(() => Buffer.concat(received).includes('HTTP/1.1 200'));
    socket.destroy();
  });
});

describe('backpressure', () => {
  it('answers 429 with Retry-After when there is no room, and takes again once there is', async () => {
    const sink = new Sink();
    sink.ack = false;
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const slow = processor(async (delivery, output) => {
      await held;
      await output.send(delivery.batch, (outcome) => delivery.settle(outcome));
    });
    const server = await otlpServer([node('slow', 'processor', slow), node('out', 'exporter', sink)], {
      channelCapacity: 2,
      config: { retry_after: '2s' },
    });
    running.push(server);
    const taken = [1, 2, 3].map(() => post(`${server.url}/v1/logs`, exampleBytes('logs')));
    await until(() => server.pipeline.status()[1]!.unsettled === 3);
    const refused = await post(`${server.url}/v1/logs`, exampleBytes('logs'));
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '2']);
    sink.ack = true;
    release();
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await post(`${server.url}/v1/logs`, exampleBytes('logs'))).status).toBe(200);
  });

  it('answers 429 when more bytes are in flight than allowed, also after decompression', async () => {
    const sink = new Sink();
    sink.ack = false;
    const { url } = await serve(sink, {
      config: { max_in_flight_bytes: '100 KB', max_request_bytes: '100 KB' },
      channelCapacity: 100,
    });
    const large = exampleBytes('logs', 5, 'y'.repeat(15_000));
    const first = post(`${url}/v1/logs`, large);
    await until(() => sink.deliveries.length === 1);
    expect((await post(`${url}/v1/logs`, large)).status).toBe(429);
    expect((await post(`${url}/v1/logs`, gzipSync(large), { 'content-encoding': 'gzip' })).status).toBe(429);
    sink.deliveries[0]!.ack();
    expect((await first).status).toBe(200);
    sink.ack = true;
    expect((await post(`${url}/v1/logs`, large)).status).toBe(200);
  });
});

describe('a batch that is nacked', () => {
  const nacks: [string, Nack, number, string | undefined][] = [
    ['for good', { reason: 'never', permanent: true, cause: 'refused' }, 400, undefined],
    ['for now', { reason: 'later', permanent: false, cause: 'refused' }, 503, '1'],
    [
      'for now, with a time',
      { reason: 'later', permanent: false, cause: 'guest-fault', retryAfterMs: 2_500 },
      503,
      '3',
    ],
    [
      'by a rate limit',
      { reason: 'slower', permanent: false, cause: 'channel-full', retryAfterMs: 4_000 },
      429,
      '4',
    ],
  ];
  it.each(nacks)('%s', async (_name, nack, status, retryAfter) => {
    const refusing = { export: (delivery: { nack(nack: Nack): void }) => delivery.nack(nack) };
    const server = await otlpServer([node('out', 'exporter', refusing)]);
    running.push(server);
    const answer = await post(`${server.url}/v1/logs`, '{"resourceLogs":[{}]}', json);
    expect([answer.status, answer.headers['retry-after']]).toEqual([status, retryAfter]);
    expect(answer.json().message).toBe(nack.reason);
  });
});

describe('an authorizer', () => {
  const allow = { tag: 'allow', val: { claims: [] } };
  const deny = (reason: string) => ({ tag: 'deny', val: { reason, detail: 'secret detail' } });
  const ask = async (
    authorize: (token: string) => unknown,
    headers: Record<string, string> = { authorization: 'Bearer t' },
  ) => {
    const sink = new Sink();
    const { url } = await serve(sink, { authorizer: { authorize } });
    const answer = await post(`${url}/v1/logs`, exampleBytes('logs'), headers);
    return { ...answer, taken: sink.deliveries.length };
  };

  it('is given the token without the word Bearer, and lets the batch through', async () => {
    const tokens: string[] = [];
    const authorize = (token: string) => {
      tokens.push(token);
      return allow;
    };
    expect(await ask(authorize, { authorization: 'bearer  abc.def' })).toMatchObject({
      status: 200,
      taken: 1,
    });
    expect(tokens).toEqual(['abc.def']);
  });

  it.each([
    ['no token', {}, allow, 401, 'Bearer'],
    ['another scheme', { authorization: 'Basic YTpi' }, allow, 401, 'Bearer'],
    [
      'an unknown token',
      { authorization: 'Bearer t' },
      deny('invalid-credential'),
      401,
      'Bearer error="invalid_token"',
    ],
    [
      'a bearer who may not',
      { authorization: 'Bearer t' },
      deny('not-permitted'),
      403,
      'Bearer error="insufficient_scope"',
    ],
  ])('refuses %s', async (_name, headers, decision, status, challenge) => {
    const answer = await ask(() => decision, headers as Record<string, string>);
    expect([answer.status, answer.headers['www-authenticate'], answer.taken]).toEqual([status, challenge, 0]);
    expect(answer.body.toString()).not.toContain('secret detail');
  });

  it('that gives no answer means 503, never 200', async () => {
    const answer = await ask(() => {
      throw new RangeError('down');
    });
    expect([answer.status, answer.headers['retry-after'], answer.taken]).toEqual([503, '1', 0]);
  });
});

describe('a client that goes away', () => {
  it('in the middle of its body or while it waits leaves the receiver whole', async () => {
    const sink = new Sink();
    sink.ack = false;
    const { url, pipeline } = await serve(sink);
    const port = Number(new URL(url).port);
    const bytes = exampleBytes('logs');
    const head = (length: number) =>
      `POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${length}\r\n\r\n`;
    const half = connect(port, '127.0.0.1');
    half.write(`${head(100)}half`);
    await once(half, 'connect');
    half.destroy();
    await until(() => pipeline.status()[0]!.counters.clients_gone === 1);
    const waiting = connect(port, '127.0.0.1');
    waiting.write(Buffer.concat([Buffer.from(head(bytes.length)), bytes]));
    await until(() => sink.deliveries.length === 1);
    waiting.destroy();
    sink.deliveries[0]!.ack();
    sink.ack = true;
    expect((await post(`${url}/v1/logs`, bytes)).status).toBe(200);
    expect(pipeline.status()[0]!.counters.errors).toBe(0);
  });
});

describe('draining', () => {
  it('answers those who wait, refuses new requests, and ends although connections are kept alive', async () => {
    const sink = new Sink();
    sink.ack = false;
    const { url, pipeline } = await serve(sink);
    const waiting = post(`${url}/v1/logs`, exampleBytes('logs'));
    await until(() => sink.deliveries.length === 1);
    const drained = pipeline.drain(Date.now() + 10_000);
    await expect(post(`${url}/v1/logs`, exampleBytes('logs'))).rejects.toThrow();
    sink.deliveries[0]!.ack();
    const answer = await waiting;
    expect([answer.status, answer.headers.connection]).toEqual([200, 'close']);
    expect(await drained).toEqual({ givenUp: 0 });
  });

  it('answers 503 to those still waiting at the deadline', async () => {
    const sink = new Sink();
    sink.ack = false;
    const { url, pipeline } = await serve(sink);
    const waiting = post(`${url}/v1/logs`, exampleBytes('logs'));
    await until(() => sink.deliveries.length === 1);
    expect(await pipeline.drain(Date.now() + 50)).toEqual({ givenUp: 1 });
    expect((await waiting).status).toBe(503);
  });

  it('does not wait for a client that does not finish its request', async () => {
    const { url, pipeline } = await serve(new Sink());
    const slow = connect(Number(new URL(url).port), '127.0.0.1');
    slow.on('error', () => {});
    slow.write(
      'POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{',
    );
    await once(slow, 'connect');
    await pipeline.drain(Date.now() + 10_000);
    slow.destroy();
    expect(pipeline.state).toBe('stopped');
  });
});

describe('listening', () => {
  it('on a port in use fails with an error that names it and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const failed = serve(new Sink(), { config: { listen: `127.0.0.1:${port}` } });
    await expect(failed).rejects.toMatchObject({
      code: 'WEIR_NODE_PORT_IN_USE',
      message: `node in cannot listen on 127.0.0.1:${port}: the port is in use`,
      hint: expect.stringContaining('`listen`'),
    });
    other.close();
  });

  it('on an address of another machine fails too', async () => {
    await expect(serve(new Sink(), { config: { listen: '192.0.2.1:0' } })).rejects.toMatchObject({
      code: 'WEIR_NODE_LISTEN',
    });
  });

  it.each(['4318', 'localhost', '127.0.0.1:70000', '[127.0.0.1]:1', 'a b:1'])(
    'on %s is a mistake in the configuration',
    async (listen) => {
      await expect(serve(new Sink(), { config: { listen } })).rejects.toThrow(
        /expected an address and a port/,
      );
    },
  );
});

it('a limit on bytes in flight below that of one request is a mistake in the configuration', async () => {
  await expect(serve(new Sink(), { config: { max_in_flight_bytes: '1 MiB' } })).rejects.toThrow(
    /at least max_request_bytes/,
  );
});

describe('self-telemetry', () => {
  it('is known by the secret, and by nothing else', async () => {
    const sink = new Sink();
    const { url } = await serve(sink, { selfTelemetryToken: 'the-secret' });
    const bytes = exampleBytes('logs');
    for (const value of ['the-secret', 'the-secreT', ''])
      await post(`${url}/v1/logs`, bytes, { [SELF_TELEMETRY_HEADER]: value });
    await post(`${url}/v1/logs`, bytes);
    expect(sink.deliveries.map(({ batch }) => batch.selfTelemetry)).toEqual([
      true,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
