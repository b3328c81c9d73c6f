import { describe, expect, it } from 'vitest';
import { batchProcessor } from '../../../host/nodes/processors/batch.ts';
import type { Batch, Signal } from '../../../host/pipeline/batch.ts';
import { ACKED, type Nack } from '../../../host/pipeline/delivery.ts';
import { countItems } from '../../../host/pipeline/otlp/count.ts';
import { ManualClock } from '../../manual-clock.ts';
import { officialRequest } from '../../opentelemetry-proto/definitions.ts';
import { chain, configured, Feed, node, Sink, settle } from '../../pipeline/parts.ts';
import { exampleBytes } from '../otlp-server.ts';

const batch = (items: number, text = 'x', signal: Signal = 'logs'): Batch => ({
  signal,
  bytes: exampleBytes(signal, items, text),
});

async function running(config: Record<string, unknown>, sink = new Sink()) {
  const [feed, clock] = [new Feed(), new ManualClock()];
  const pipeline = chain(
    [
      node('in', 'receiver', feed),
      configured('batch', batchProcessor, config),
      node('out', 'exporter', sink),
    ],
    { clock, channelCapacity: 64 },
  );
  await pipeline.start();
  const send = async (...batches: Batch[]) => {
    for (const each of batches) await feed.send(each);
    await settle();
  };
  const sizes = () => sink.deliveries.map((delivery) => countItems(delivery.batch));
  return { feed, clock, pipeline, sink, send, sizes };
}

describe('batches are joined', () => {
  it('until there are enough items, and never to more than that', async () => {
    const { send, sizes, feed } = await running({ max_items: 10, timeout: '1h' });
    await send(batch(4), batch(4), batch(4), batch(6));
    expect(sizes()).toEqual([8, 10]);
    expect(feed.outcomes).toEqual([ACKED, ACKED, ACKED, ACKED]);
    await send(batch(25));
    expect(sizes()).toEqual([8, 10, 25]);
  });

  it('until there are enough bytes', async () => {
    const one = batch(1, 'y'.repeat(100));
    const { send, sizes } = await running({ max_bytes: 3 * one.bytes.length, timeout: '1h' });
    await send(one, one, one, one);
    expect(sizes()).toEqual([3]);
  });

  it('until their time is up', async () => {
    const { send, sizes, clock } = await running({ timeout: '200ms' });
    await send(batch(1), batch(2));
    await clock.advance(199);
    expect(sizes()).toEqual([]);
    await clock.advance(1);
    await settle();
    expect(sizes()).toEqual([3]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('into a request that official readers read', async () => {
    const { send, sink } = await running({ max_items: 2, timeout: '1h' });
    await send(batch(1, 'a'), batch(1, 'b'));
    const request = officialRequest.logs.decode(sink.deliveries[0]!.batch.bytes).toJSON();
    expect(request.resourceLogs.length).toBe(2);
  });

  it('by signal, and apart from the engine’s own telemetry', async () => {
    const { send, sink, clock } = await running({ timeout: '1s' });
    const own = { ...batch(1), selfTelemetry: true };
    await send(batch(1), own, batch(2, 'x', 'traces'), batch(3, 'x', 'metrics'), batch(1), own);
    await clock.advance(1_000);
    await settle();
    const got = sink.deliveries.map(({ batch: { signal, selfTelemetry }, batch: b }) => [
      signal,
      selfTelemetry,
      countItems(b),
    ]);
    expect(got).toEqual([
      ['logs', undefined, 2],
      ['logs', true, 2],
      ['traces', undefined, 2],
      ['metrics', undefined, 3],
    ]);
  });
});

describe('the outcome of a joined batch', () => {
  const refusing = (nack: Nack, guilty: (text: string) => boolean) => {
    const sink = new Sink();
    sink.export = (delivery) => {
      sink.deliveries.push(delivery);
      if (guilty(Buffer.from(delivery.batch.bytes).toString())) delivery.nack(nack);
      else delivery.ack();
    };
    return sink;
  };

  it('for now is the outcome of each original', async () => {
    const nack: Nack = { reason: 'later', permanent: false, cause: 'refused' };
    const { send, feed, sizes } = await running(
      { max_items: 2, timeout: '1h' },
      refusing(nack, () => true),
    );
    await send(batch(1), batch(1));
    expect(feed.outcomes).toEqual([
      { acked: false, nack },
      { acked: false, nack },
    ]);
    expect(sizes()).toEqual([2]);
  });

  it.each([
    { reason: 'never', permanent: true, cause: 'refused' },
    { reason: 'trap', permanent: false, cause: 'guest-fault' },
  ] as Nack[])('that concerns one of them ($reason) costs the others nothing', async (nack) => {
    const { send, feed, sizes } = await running(
      { max_items: 3, timeout: '1h' },
      refusing(nack, (text) => text.includes('bad')),
    );
    await send(batch(1, 'good'), batch(1, 'bad'), batch(1, 'good'));
    expect(sizes()).toEqual([3, 1, 1, 1]);
    expect(feed.outcomes).toEqual([ACKED, { acked: false, nack }, ACKED]);
  });
});

describe('a drain', () => {
  it('sends on what waits, at once', async () => {
    const { send, sizes, feed, pipeline, clock } = await running({ timeout: '1h' });
    await send(batch(1), batch(1));
    expect(await pipeline.drain(clock.now() + 5_000)).toEqual({ givenUp: 0 });
    expect(sizes()).toEqual([2]);
    expect(feed.outcomes).toEqual([ACKED, ACKED]);
    expect(clock.pendingTimers).toBe(0);
  });
});

it('a batch that is not OTLP is refused for good', async () => {
  const { send, feed } = await running({});
  await send({ signal: 'logs', bytes: Buffer.from('garbage!') });
  expect(feed.outcomes[0]).toMatchObject({ acked: false, nack: { permanent: true } });
});
