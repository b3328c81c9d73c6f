import { describe, expect, it } from 'vitest';
import { retryProcessor } from '../../../host/nodes/processors/retry.ts';
import { ACKED, type Delivery, type Nack } from '../../../host/pipeline/delivery.ts';
import { ManualClock } from '../../manual-clock.ts';
import { chain, configured, Feed, logs, node, Sink, settle } from '../../pipeline/parts.ts';

const later: Nack = { reason: 'later', permanent: false, cause: 'refused' };

/** A pipeline whose exporter answers with `answer` the nth time that it is given a text. */
async function running(
  config: Record<string, unknown>,
  answer: (times: number, text: string) => Nack | undefined,
) {
  const [feed, clock, sink] = [new Feed(), new ManualClock(), new Sink()];
  const times = new Map<string, number>();
  const sentAt: number[] = [];
  sink.export = (delivery: Delivery) => {
    const text = Buffer.from(delivery.batch.bytes).toString();
    times.set(text, (times.get(text) ?? 0) + 1);
    sentAt.push(clock.now());
    const nack = answer(times.get(text)!, text);
    if (nack === undefined) delivery.ack();
    else delivery.nack(nack);
  };
  const pipeline = chain(
    [
      node('in', 'receiver', feed),
      configured('retry', retryProcessor, config),
      node('out', 'exporter', sink),
    ],
    { clock },
  );
  await pipeline.start();
  return { feed, clock, pipeline, times, sentAt, counters: () => pipeline.status()[1]!.counters };
}

describe('a batch that is not taken for now', () => {
  it('is sent again until it is taken, with growing waits', async () => {
    const { feed, clock, sentAt } = await running({ initial: '1s', max: '4s' }, (n) =>
      n < 6 ? later : undefined,
    );
    await feed.send(logs('x'));
    await clock.advance(30_000);
    expect(feed.outcomes).toEqual([ACKED]);
    const waits = sentAt.slice(1).map((at, i) => at - sentAt[i]!);
    for (const [i, full] of [1_000, 2_000, 4_000, 4_000, 4_000].entries()) {
      expect(waits[i]).toBeGreaterThanOrEqual(full / 2);
      expect(waits[i]).toBeLessThanOrEqual(full);
    }
  });

  it('waits as long as the one who refused it says', async () => {
    const { feed, clock, sentAt } = await running({ initial: '10ms' }, (n) =>
      n < 2 ? { ...later, retryAfterMs: 7_000 } : undefined,
    );
    await feed.send(logs('x'));
    await clock.advance(10_000);
    expect(sentAt[1]! - sentAt[0]!).toBe(7_000);
  });

  it('is given up after so many attempts, with the last nack', async () => {
    const { feed, clock, times, counters } = await running({ initial: '10ms', max_attempts: 3 }, (n) => ({
      ...later,
      reason: `no ${n}`,
    }));
    await feed.send(logs('x'));
    await clock.advance(60_000);
    expect(times.get('x')).toBe(3);
    expect(feed.outcomes).toEqual([{ acked: false, nack: { ...later, reason: 'no 3' } }]);
    expect(counters()).toMatchObject({ given_up: 1, retries: 2 });
  });

  it('does not hold up those behind it', async () => {
    const { feed, times } = await running({}, (_n, text) => (text === 'bad' ? later : undefined));
    await feed.send(logs('bad'));
    await feed.send(logs('good'));
    await settle();
    expect([times.get('good'), feed.outcomes]).toEqual([1, [ACKED]]);
  });

  it.each([
    [{ max_waiting: 2 }, ['a', 'b', 'c']],
    [{ max_waiting_bytes: 5 }, ['aa', 'bb', 'cc']],
  ])('is given up when too much waits already: %o', async (config, texts) => {
    const { feed, counters } = await running(config, () => later);
    for (const text of texts) await feed.send(logs(text));
    await settle();
    expect(feed.outcomes).toEqual([{ acked: false, nack: later }]);
    expect(counters().no_room).toBe(1);
  });
});

it.each([
  { reason: 'never', permanent: true, cause: 'refused' },
  { reason: 'stopping', permanent: false, cause: 'shutdown' },
] as Nack[])('a nack that no repetition mends is passed on at once: $reason', async (nack) => {
  const { feed, times } = await running({}, () => nack);
  await feed.send(logs('x'));
  await settle();
  expect([times.get('x'), feed.outcomes]).toEqual([1, [{ acked: false, nack }]]);
});

describe('a drain', () => {
  it('gives those that wait one more attempt at once', async () => {
    const { feed, clock, pipeline } = await running({ initial: '1h', max: '1h' }, (n, text) =>
      n === 1 || text === 'bad' ? later : undefined,
    );
    await feed.send(logs('good'));
    await feed.send(logs('bad'));
    await settle();
    expect(feed.outcomes).toEqual([]);
    await pipeline.drain(clock.now() + 5_000);
    expect(feed.outcomes).toEqual([ACKED, { acked: false, nack: later }]);
    expect(clock.pendingTimers).toBe(0);
  });
});
