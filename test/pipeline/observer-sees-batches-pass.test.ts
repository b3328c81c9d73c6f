import { expect, it } from 'vitest';
import type { Batch } from '../../host/pipeline/batch.ts';
import type { PipelineObserver } from '../../host/pipeline/pipeline.ts';
import { chain, Feed, logs, node, processor, Sink, settle } from './parts.ts';

class Diary implements PipelineObserver {
  readonly entries: string[] = [];
  taken(receiver: string, batch: Batch) {
    this.entries.push(`${receiver} took ${Buffer.from(batch.bytes)}`);
    return (outcome: { acked: boolean }) => {
      this.entries.push(`${Buffer.from(batch.bytes)} ${outcome.acked ? 'acked' : 'nacked'}`);
    };
  }
  handling<T>(batch: Batch, work: () => T): T {
    this.entries.push(`handling ${Buffer.from(batch.bytes)}`);
    return work();
  }
}

it('tells an observer of each batch that a receiver sent, of each node that handles it, and of its end', async () => {
  const [feed, sink, observer] = [new Feed(), new Sink(), new Diary()];
  const forward = processor((delivery, output) =>
    output.send(delivery.batch, (outcome) => delivery.settle(outcome)),
  );
  const pipeline = chain(
    [node('in', 'receiver', feed), node('mid', 'processor', forward), node('out', 'exporter', sink)],
    { observer },
  );
  await pipeline.start();
  await feed.send(logs('a'));
  await settle();
  expect(observer.entries).toEqual(['in took a', 'handling a', 'handling a', 'a acked']);
});

it('does not tell an observer of a batch for which there was no room', async () => {
  const [feed, observer] = [new Feed(), new Diary()];
  const stuck = processor(() => new Promise<void>(() => {}));
  const pipeline = chain(
    [node('in', 'receiver', feed), node('mid', 'processor', stuck), node('out', 'exporter', new Sink())],
    { observer, channelCapacity: 1 },
  );
  await pipeline.start();
  await feed.send(logs('a'));
  await settle();
  expect([feed.trySend(logs('b')), feed.trySend(logs('c'))]).toEqual([true, false]);
  expect(observer.entries).toEqual(['in took a', 'handling a', 'in took b']);
});
