import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { otlpHttpExporter } from '../../../host/nodes/exporters/otlp-http.ts';
import { encodeStatus } from '../../../host/nodes/otlp-http/messages.ts';
import type { Signal } from '../../../host/pipeline/batch.ts';
import { ACKED } from '../../../host/pipeline/delivery.ts';
import type { Pipeline } from '../../../host/pipeline/pipeline.ts';
import { ManualClock } from '../../manual-clock.ts';
import { officialResponse } from '../../opentelemetry-proto/definitions.ts';
import { capabilities, chain, configured, Feed, node, Sink, settle } from '../../pipeline/parts.ts';
import { exampleBytes, otlpServer } from '../otlp-server.ts';

interface Received {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | string;
}

const servers: Server[] = [];
const pipelines: Pipeline[] = [];
afterEach(async () => {
  for (const pipeline of pipelines.splice(0)) await pipeline.drain(0);
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server that answers as told; `undefined` means: not at all. */
async function answering(answer: (times: number) => Reply | 'silence' | 'hang up') {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ url: request.url!, headers: request.headers, body: Buffer.concat(chunks) });
      const reply = answer(received.length);
      if (reply === 'hang up') request.socket.destroy();
      else if (reply !== 'silence') response.writeHead(reply.status, reply.headers).end(reply.body);
    });
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return { received, endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}` };
}

async function exporting(config: Record<string, unknown>, provider?: unknown) {
  const [feed, clock] = [new Feed(), new ManualClock()];
  const lines: Record<string, unknown>[] = [];
  const bound = capabilities(provider === undefined ? {} : { 'bearer-token-provider': provider });
  const pipeline = chain([node('in', 'receiver', feed), configured('out', otlpHttpExporter, config, bound)], {
    clock,
    onLog: (line) => lines.push(line),
  });
  pipelines.push(pipeline);
  await pipeline.start();
  const send = (signal: Signal = 'logs', items = 1) =>
    feed.send({ signal, bytes: exampleBytes(signal, items) });
  /** Advance the clock until so many batches are settled. */
  const settled = async (count = 1) => {
    while (feed.outcomes.length < count) {
      await settle();
      if (clock.pendingTimers > 0) await clock.advance(20);
    }
    return feed.outcomes;
  };
  return { feed, clock, lines, pipeline, send, settled, counters: () => pipeline.status()[1]!.counters };
}

const ok: Reply = { status: 200 };
const quick = { retry: { initial: '100ms', max: '1s', max_elapsed: '10s' } };

describe('a batch', () => {
  it.each([
    ['protobuf', 'gzip'],
    ['protobuf', 'none'],
    ['json', 'gzip'],
    ['json', 'none'],
  ])('arrives at an OTLP receiver as it was sent: %s, %s', async (encoding, compression) => {
    const sink = new Sink();
    const server = await otlpServer([node('out', 'exporter', sink)]);
    const { feed, send, settled } = await exporting({ endpoint: `${server.url}/`, encoding, compression });
    for (const signal of ['logs', 'metrics', 'traces'] as const) await send(signal, 3);
    await settled(3);
    expect(feed.outcomes).toEqual([ACKED, ACKED, ACKED]);
    for (const { batch } of sink.deliveries) {
      expect(Buffer.from(batch.bytes).equals(exampleBytes(batch.signal, 3))).toBe(true);
    }
    await server.stop();
  });

  it('goes to the path of its signal with the headers that the configuration gives', async () => {
    const { received, endpoint } = await answering(() => ok);
    const { send, settled } = await exporting({
      endpoint: `${endpoint}/base`,
      headers: { 'X-Tenant': 'a', Authorization: 'Basic x' },
    });
    await send('traces');
    await settled();
    expect(received[0]!.url).toBe('/base/v1/traces');
    expect(received[0]!.headers).toMatchObject({
      'x-tenant': 'a',
      authorization: 'Basic x',
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
    });
    expect(gunzipSync(received[0]!.body).equals(exampleBytes('traces'))).toBe(true);
  });

  it('that the server took in part counts as taken, and is told', async () => {
    const body = officialResponse.logs
      .encode(
        officialResponse.logs.fromObject({
          partialSuccess: { rejectedLogRecords: 2, errorMessage: 'too old' },
        }),
      )
      .finish();
    const json = '{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"too old"}}';
    for (const [encoding, answer, rejected] of [
      ['protobuf', body, 2],
      ['json', json, 3],
    ] as const) {
      const { endpoint } = await answering(() => ({ status: 200, body: answer }));
      const { send, settled, counters, lines } = await exporting({ endpoint, encoding });
      await send();
      expect(await settled()).toEqual([ACKED]);
      expect(counters().rejected_items).toBe(rejected);
      expect(lines).toContainEqual(expect.objectContaining({ rejected, message: 'too old' }));
    }
  });
});

describe('a failure that may pass', () => {
  it.each([429, 502, 503, 504])('is tried again: %i', async (status) => {
    const { received, endpoint } = await answering((n) => (n < 3 ? { status } : ok));
    const { send, settled, counters } = await exporting({ endpoint, ...quick });
    await send();
    expect(await settled()).toEqual([ACKED]);
    expect([received.length, counters().retries]).toEqual([3, 2]);
  });

  it('of the connection is tried again', async () => {
    const { received, endpoint } = await answering((n) => (n < 2 ? 'hang up' : ok));
    const { send, settled } = await exporting({ endpoint, ...quick });
    await send();
    expect(await settled()).toEqual([ACKED]);
    expect(received.length).toBe(2);
  });

  it('of a server that does not answer is tried again after the timeout', async () => {
    const { endpoint } = await answering((n) => (n < 2 ? 'silence' : ok));
    const { send, settled, clock } = await exporting({ endpoint, timeout: '2s', ...quick });
    const before = clock.now();
    await send();
    expect(await settled()).toEqual([ACKED]);
    expect(clock.now() - before).toBeGreaterThanOrEqual(2_000);
  });

  it.each([
    ['seconds', () => '4'],
    ['a date', (now: number) => new Date(now + 4_000).toUTCString()],
  ])('is tried again when the server says, in %s', async (_name, header) => {
    const start = Date.UTC(2026, 0, 1);
    const { endpoint } = await answering((n) =>
      n < 2 ? { status: 503, headers: { 'retry-after': header(start) } } : ok,
    );
    const { send, settled, clock } = await exporting({ endpoint, ...quick });
    await send();
    await settled();
    expect(clock.now() - start).toBeGreaterThanOrEqual(3_900);
    expect(clock.now() - start).toBeLessThan(6_000);
  });

  it('and does not is nacked for now, with the reason', async () => {
    const { endpoint } = await answering(() => ({
      status: 503,
      body: encodeStatus('protobuf', 14, 'overloaded'),
    }));
    const { send, settled } = await exporting({ endpoint, ...quick });
    await send();
    const [outcome] = await settled();
    expect(outcome).toMatchObject({
      acked: false,
      nack: { permanent: false, reason: expect.stringContaining('/v1/logs answered 503: overloaded') },
    });
  });

  it('is not tried again with max_elapsed 0, but nacked with a time', async () => {
    const { received, endpoint } = await answering(() => ({ status: 503, headers: { 'retry-after': '9' } }));
    const { send, settled } = await exporting({ endpoint, retry: { max_elapsed: 0 } });
    await send();
    const [outcome] = await settled();
    expect(outcome).toMatchObject({ nack: { permanent: false, retryAfterMs: 9_000 } });
    expect(received.length).toBe(1);
  });
});

it.each([400, 401, 403, 404, 413, 500, 301])('a refusal that will stay is permanent: %i', async (status) => {
  const { received, endpoint } = await answering(() => ({ status, headers: { location: '/' } }));
  const { send, settled } = await exporting({ endpoint, ...quick });
  await send();
  expect((await settled())[0]).toMatchObject({ acked: false, nack: { permanent: true } });
  expect(received.length).toBe(1);
});

describe('a bearer token', () => {
  it('of the provider goes with each request; the cached one, or else one that is waited for', async () => {
    const { received, endpoint } = await answering(() => ok);
    let cached: { secret: string } | undefined;
    const provider = { currentToken: () => cached, getToken: async () => ({ secret: 'waited' }) };
    const { send, settled } = await exporting(
      { endpoint, headers: { authorization: 'Bearer mine' } },
      provider,
    );
    await send();
    await settled(1);
    cached = { secret: 'cached' };
    await send();
    await settled(2);
    expect(received.map(({ headers }) => headers.authorization)).toEqual(['Bearer waited', 'Bearer cached']);
  });

  it('that is refused is fetched afresh once, then the batch is refused', async () => {
    const { received, endpoint } = await answering((n) => (n === 2 ? ok : { status: 401 }));
    let fetched = 0;
    const provider = {
      currentToken: () => ({ secret: 'old' }),
      getToken: async () => ({ secret: `new ${++fetched}` }),
    };
    const { send, settled } = await exporting({ endpoint }, provider);
    await send();
    expect(await settled(1)).toEqual([ACKED]);
    await send();
    expect((await settled(2))[1]).toMatchObject({ acked: false, nack: { permanent: true } });
    expect(received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer new 1',
      'Bearer old',
      'Bearer new 2',
    ]);
  });

  it('that cannot be had now is a failure that may pass', async () => {
    const { received, endpoint } = await answering(() => ok);
    let down = 2;
    const provider = {
      currentToken: () => undefined,
      getToken: async () => {
        if (down-- > 0) throw new RangeError('the provider is down');
        return { secret: 't' };
      },
    };
    const { send, settled } = await exporting({ endpoint, ...quick }, provider);
    await send();
    expect(await settled()).toEqual([ACKED]);
    expect(received.length).toBe(1);
  });
});

it('as many requests as allowed are under way at once, and no more', async () => {
  const sink = new Sink();
  sink.ack = false;
  const server = await otlpServer([node('out', 'exporter', sink)], { channelCapacity: 64 });
  const { send, settled, pipeline } = await exporting({
    endpoint: server.url,
    concurrency: 3,
    timeout: '1h',
  });
  for (let i = 0; i < 4; i++) await send();
  while (sink.deliveries.length < 3) await settle();
  for (let i = 0; i < 10; i++) await settle();
  expect([sink.deliveries.length, pipeline.status()[1]!.unsettled]).toEqual([3, 4]);
  sink.ack = true;
  for (const delivery of sink.deliveries) delivery.ack();
  await settled(4);
  await server.stop();
});

it('a stop at the deadline does not wait for a server that does not answer', async () => {
  const { received, endpoint } = await answering(() => 'silence');
  const { feed, send, clock, pipeline } = await exporting({ endpoint, timeout: '1h' });
  await send();
  while (received.length === 0) await settle();
  const drained = pipeline.drain(clock.now() + 1_000);
  await clock.advance(10_000);
  expect(await drained).toEqual({ givenUp: 1 });
  expect(feed.outcomes[0]).toMatchObject({ acked: false, nack: { cause: 'shutdown' } });
  expect(clock.pendingTimers).toBe(0);
});

it.each([
  { endpoint: 'collector:4318' },
  { endpoint: 'ftp://x/' },
  { endpoint: 'http://x', headers: { 'a b': 'c' } },
  { endpoint: 'http://x', headers: { a: 'b\r\nc: d' } },
])('a mistake in the configuration is found: %o', (config) => {
  expect(otlpHttpExporter.schema.safeParse(config).success).toBe(false);
});
