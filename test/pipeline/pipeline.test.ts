import { afterEach, describe, expect, it } from 'vitest';
import { WeirError } from '../../host/errors.ts';
import { ACKED, type Delivery } from '../../host/pipeline/delivery.ts';
import { ManualClock } from '../manual-clock.ts';
import { assemble, chain, Feed, logs, node, processor, Sink, settle } from './parts.ts';

const forward = processor((delivery, output) =>
  output.send(delivery.batch, (outcome) => delivery.settle(outcome)),
);

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown) => unhandled.push(error);
process.on('unhandledRejection', onUnhandled);
afterEach(() => expect(unhandled.splice(0)).toEqual([]));

describe('a running pipeline', () => {
  it('carries batches to the exporter in order and the outcome back to the receiver', async () => {
    const [feed, sink] = [new Feed(), new Sink()];
    const pipeline = chain([
      node('in', 'receiver', feed),
      node('mid', 'processor', forward),
      node('out', 'exporter', sink),
    ]);
    await pipeline.start();
    for (const text of ['a', 'b', 'c']) await feed.send(logs(text));
    await settle();
    expect(sink.texts).toEqual(['a', 'b', 'c']);
    expect(feed.outcomes).toEqual([ACKED, ACKED, ACKED]);
    const counters = pipeline
      .status()
      .map(({ id, counters }) => [id, counters.received, counters.sent, counters.acked]);
    expect(counters).toEqual([
      ['in', 0, 3, 3],
      ['mid', 3, 3, 3],
      ['out', 3, 0, 3],
    ]);
  });

  it('joins several receivers into one node and answers each for its own', async () => {
    const [one, two, sink] = [new Feed(), new Feed(), new Sink()];
    sink.ack = false;
    const pipeline = assemble(
      [node('one', 'receiver', one), node('two', 'receiver', two), node('out', 'exporter', sink)],
      [
        { from: 'one', to: 'out' },
        { from: 'two', to: 'out' },
      ],
    );
    await pipeline.start();
    await one.send(logs('1'));
    await two.send(logs('2'));
    await settle();
    sink.deliveries.find(({ batch }) => batch.bytes[0] === 0x32)!.ack();
    expect([one.outcomes, two.outcomes]).toEqual([[], [ACKED]]);
  });

  it('lets the sender wait, or know, when the channel is full', async () => {
    const [feed, sink] = [new Feed(), new Sink()];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = processor(async (delivery, output) => {
      await held;
      await output.send(delivery.batch, (outcome) => delivery.settle(outcome));
    });
    const pipeline = chain(
      [node('in', 'receiver', feed), node('slow', 'processor', slow), node('out', 'exporter', sink)],
      { channelCapacity: 2 },
    );
    await pipeline.start();
    await feed.send(logs('in the node'));
    await settle();
    expect([feed.trySend(logs('1')), feed.trySend(logs('2')), feed.trySend(logs('3'))]).toEqual([
      true,
      true,
      false,
    ]);
    let sent = false;
    const waiting = feed.send(logs('4')).then(() => {
      sent = true;
    });
    await settle();
    expect(sent).toBe(false);
    expect(feed.trySend(logs('would overtake'))).toBe(false);
    release();
    await waiting;
    await settle();
    expect(sink.texts).toEqual(['in the node', '1', '2', '4']);
  });

  it.each(['throws', 'rejects'])(
    'nacks the batch on which a node %s, counts it, logs it and goes on',
    async (how) => {
      const [feed, sink] = [new Feed(), new Sink()];
      const lines: Record<string, unknown>[] = [];
      const faulty = processor((delivery: Delivery, output) => {
        if (delivery.batch.bytes.length > 1) {
          const error = new RangeError('boom');
          if (how === 'throws') throw error;
          return Promise.reject(error);
        }
        return output.send(delivery.batch, (outcome) => delivery.settle(outcome));
      });
      const pipeline = chain(
        [node('in', 'receiver', feed), node('bad', 'processor', faulty), node('out', 'exporter', sink)],
        { onLog: (line) => lines.push(line) },
      );
      await pipeline.start();
      for (const text of ['a', 'long', 'b']) await feed.send(logs(text));
      await feed.send({ ...logs('own'), selfTelemetry: true });
      await settle();
      expect(sink.texts).toEqual(['a', 'b']);
      expect(feed.outcomes.filter(({ acked }) => !acked)[0]).toEqual({
        acked: false,
        nack: { reason: 'the node failed: boom', permanent: false, cause: 'refused' },
      });
      expect(pipeline.status()[1]!.counters).toMatchObject({ errors: 2, nacked: 2, acked: 2 });
      expect(lines.map((line) => [line.node, line.selfTelemetry])).toEqual([
        ['bad', undefined],
        ['bad', true],
      ]);
    },
  );

  it('does not let a receiver that fails on an outcome harm the node that acked', async () => {
    const [feed, sink] = [new Feed(), new Sink()];
    const pipeline = chain([node('in', 'receiver', feed), node('out', 'exporter', sink)]);
    await pipeline.start();
    await feed.output!.send(logs('x'), () => {
      throw new RangeError('the receiver broke');
    });
    await settle();
    expect(pipeline.status().map(({ counters }) => counters.errors)).toEqual([1, 0]);
  });

  it('lets timers and sockets have their turn however much there is to do', async () => {
    const [feed, sink] = [new Feed(), new Sink()];
    const pipeline = chain([node('in', 'receiver', feed), node('out', 'exporter', sink)], {
      channelCapacity: 1000,
    });
    await pipeline.start();
    for (let i = 0; i < 1000; i++) feed.trySend(logs(String(i)));
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(sink.deliveries.length).toBeLessThan(100);
    await pipeline.drain(Date.now() + 5_000);
    expect(sink.deliveries.length).toBe(1000);
  });
});

describe('starting', () => {
  it('starts exporters before receivers', async () => {
    const sink = new Sink();
    const feed = new Feed();
    let startedBefore: string[] = [];
    feed.start = async () => {
      startedBefore = [...sink.calls];
    };
    await chain([node('in', 'receiver', feed), node('out', 'exporter', sink)]).start();
    expect(startedBefore).toEqual(['start']);
  });

  it('that fails names the node and closes what was open', async () => {
    const [feed, sink] = [new Feed(), new Sink()];
    feed.start = () => Promise.reject(new RangeError('no socket'));
    const pipeline = chain([node('in', 'receiver', feed), node('out', 'exporter', sink)]);
    await expect(pipeline.start()).rejects.toMatchObject({
      code: 'WEIR_PIPELINE_NODE_FAILED',
      message: 'node in (receiver:test) could not start: no socket',
    });
    expect(pipeline.state).toBe('failed');
    expect(sink.calls.at(-1)).toBe('close');
    await expect(pipeline.start()).rejects.toMatchObject({ code: 'WEIR_PIPELINE_STOPPED' });
  });

  it('that is interrupted by a stop ends stopped, with everything closed', async () => {
    const [feed, sink] = [new Feed(), new Sink()];
    let go = () => {};
    sink.start = () => new Promise((resolve) => (go = resolve));
    const pipeline = chain([node('in', 'receiver', feed), node('out', 'exporter', sink)]);
    const started = pipeline.start();
    const drained = pipeline.drain(Date.now() + 1_000);
    go();
    await expect(started).rejects.toBeInstanceOf(WeirError);
    await drained;
    expect(feed.output).toBeUndefined();
    expect([pipeline.state, sink.calls.at(-1)]).toEqual(['stopped', 'close']);
  });
});

describe('draining', () => {
  it('finishes what is in flight, flushes in order, closes, and gives nothing up', async () => {
    const [feed, sink] = [new Feed(), new Sink()];
    const held: Delivery[] = [];
    const calls: string[] = [];
    const holding = processor((delivery) => void held.push(delivery), {
      async flush(output) {
        for (const delivery of held.splice(0))
          await output.send(delivery.batch, (outcome) => delivery.settle(outcome));
      },
      async close() {
        calls.push('closed');
      },
    });
    const pipeline = chain([
      node('in', 'receiver', feed),
      node('hold', 'processor', holding),
      node('out', 'exporter', sink),
    ]);
    await pipeline.start();
    await feed.send(logs('a'));
    await feed.send(logs('b'));
    await settle();
    expect(sink.texts).toEqual([]);
    expect(await pipeline.drain(Date.now() + 5_000)).toEqual({ givenUp: 0 });
    expect(sink.texts).toEqual(['a', 'b']);
    expect(feed.outcomes).toEqual([ACKED, ACKED]);
    expect([feed.closed, calls, sink.calls.at(-1), pipeline.state]).toEqual([
      true,
      ['closed'],
      'close',
      'stopped',
    ]);
  });

  it('nacks with cause shutdown what is not settled by the deadline', async () => {
    const clock = new ManualClock();
    const [feed, sink] = [new Feed(), new Sink()];
    sink.ack = false;
    const pipeline = chain(
      [node('in', 'receiver', feed), node('mid', 'processor', forward), node('out', 'exporter', sink)],
      { clock },
    );
    await pipeline.start();
    for (const text of ['a', 'b']) await feed.send(logs(text));
    const drained = pipeline.drain(clock.now() + 1_000);
    await clock.advance(999);
    expect(feed.outcomes).toEqual([]);
    await clock.advance(1);
    expect((await drained).givenUp).toBeGreaterThan(0);
    expect(
      feed.outcomes.map((outcome) => !outcome.acked && [outcome.nack.cause, outcome.nack.permanent]),
    ).toEqual([
      ['shutdown', false],
      ['shutdown', false],
    ]);
    sink.deliveries[0]!.ack(); // too late: the answer is out
    expect(feed.outcomes.length).toBe(2);
  });

  it('does not hang on nodes that never come back', async () => {
    const clock = new ManualClock();
    const feed = new Feed();
    const stuck = { export: () => new Promise<void>(() => {}), close: () => new Promise<void>(() => {}) };
    const pipeline = chain([node('in', 'receiver', feed), node('out', 'exporter', stuck)], {
      clock,
      channelCapacity: 1,
    });
    await pipeline.start();
    await feed.send(logs('in the node'));
    await settle();
    await feed.send(logs('in the channel'));
    const waiting = feed.send(logs('in front of it'));
    const drained = pipeline.drain(clock.now() + 500);
    await clock.advance(10_000);
    await drained;
    await waiting;
    expect(feed.outcomes.map(({ acked }) => acked)).toEqual([false, false, false]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('happens once however often it is asked for', async () => {
    const sink = new Sink();
    const pipeline = chain([node('in', 'receiver', new Feed()), node('out', 'exporter', sink)]);
    await pipeline.start();
    await Promise.all([pipeline.drain(Date.now()), pipeline.drain(Date.now())]);
    expect(sink.calls.filter((call) => call === 'close').length).toBe(1);
  });
});

describe('nodes and connections that make no pipeline are refused', () => {
  const feed = () => node('in', 'receiver', new Feed());
  const sink = (id = 'out') => node(id, 'exporter', new Sink());
  const mid = (id: string) => node(id, 'processor', forward);

  it.each([
    ['an unknown name', [feed(), sink()], [{ from: 'in', to: 'uot' }], /names uot/],
    [
      'an exporter that sends',
      [feed(), sink(), sink('x')],
      [
        { from: 'in', to: 'out' },
        { from: 'out', to: 'x' },
      ],
      /is an exporter/,
    ],
    ['a receiver that is sent to', [feed(), mid('m')], [{ from: 'm', to: 'in' }], /is a receiver/],
    [
      'two destinations',
      [feed(), sink(), sink('x')],
      [
        { from: 'in', to: 'out' },
        { from: 'in', to: 'x' },
      ],
      /both out and x/,
    ],
    ['a receiver that sends to nothing', [feed(), sink()], [], /in sends to nothing/],
    [
      'a node that nothing sends to',
      [feed(), sink(), mid('m')],
      [
        { from: 'in', to: 'out' },
        { from: 'm', to: 'out' },
      ],
      /nothing sends to m/,
    ],
    [
      'a circle',
      [feed(), sink(), mid('m'), mid('n')],
      [
        { from: 'in', to: 'out' },
        { from: 'm', to: 'n' },
        { from: 'n', to: 'm' },
      ],
      /m, n send in a circle/,
    ],
    ['two nodes of one name', [feed(), sink('in')], [], /same name/],
  ])('%s', (_what, nodes, connections, message) => {
    expect(() => assemble(nodes, connections)).toThrow(message);
  });
});
