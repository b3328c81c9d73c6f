import { describe, expect, it } from 'vitest';
import { CapabilityError } from '../../../host/capability/errors.ts';
import { ComponentError } from '../../../host/component/errors.ts';
import { wasmProcessor } from '../../../host/nodes/processors/wasm.ts';
import { capabilities, chain, configured, Feed, node, Sink, settle } from '../../pipeline/parts.ts';
import { exampleBytes } from '../otlp-server.ts';

const batch = (text: string) => ({ signal: 'logs' as const, bytes: exampleBytes('logs', 1, text) });
const fault = () => new CapabilityError('crasher', 'processor', true, 'crasher trapped: unreachable');
const down = () => new CapabilityError('crasher', 'processor', false, 'crasher is restarting');

/** A pipeline around a guest that is a plain function. */
async function around(
  process: (signal: string, bytes: Uint8Array) => unknown,
  config: Record<string, unknown> = {},
) {
  const [feed, sink] = [new Feed(), new Sink()];
  const guest = configured('guest', wasmProcessor, config, capabilities({ processor: { process } }));
  const pipeline = chain([node('in', 'receiver', feed), guest, node('out', 'exporter', sink)]);
  await pipeline.start();
  const send = async (text = 'x') => {
    await feed.send(batch(text));
    await settle();
    return feed.outcomes.at(-1)!;
  };
  return { send, sink, counters: () => pipeline.status()[1]!.counters };
}

const throws = (error: () => Error) => () => {
  throw error();
};

describe('what the guest answers', () => {
  it('forward: its bytes go on', async () => {
    const { send, sink } = await around(() => ({ tag: 'forward', val: exampleBytes('logs', 1, 'changed') }));
    expect((await send()).acked).toBe(true);
    expect(sink.deliveries[0]!.batch).toEqual(batch('changed'));
  });

  it('unchanged: the batch goes on as it came', async () => {
    const seen: unknown[] = [];
    const { send, sink } = await around((...given) => {
      seen.push(given);
      return { tag: 'unchanged' };
    });
    expect((await send()).acked).toBe(true);
    expect(sink.deliveries[0]!.batch).toEqual(batch('x'));
    expect(seen).toEqual([['logs', batch('x').bytes]]);
  });

  it('drop: the batch is acknowledged and goes nowhere', async () => {
    const { send, sink, counters } = await around(() => ({ tag: 'drop' }));
    expect((await send()).acked).toBe(true);
    expect([sink.deliveries, counters().dropped_by_guest]).toEqual([[], 1]);
  });

  it.each([true, false])('an error with permanent %s: a nack that says the same', async (permanent) => {
    const { send } = await around(throws(() => new ComponentError({ permanent, message: 'no' })));
    expect(await send()).toEqual({ acked: false, nack: { reason: 'no', permanent, cause: 'refused' } });
  });
});

describe('a guest that faults', () => {
  it.each([
    ['nack', false, 0],
    ['drop', true, 0],
    ['pass', true, 1],
  ])('on_fault: %s', async (on_fault, acked, arrived) => {
    const { send, sink } = await around(throws(fault), { on_fault });
    const outcome = await send();
    expect([outcome.acked, sink.deliveries.length]).toEqual([acked, arrived]);
    if (!outcome.acked) expect(outcome.nack).toMatchObject({ permanent: false, cause: 'guest-fault' });
  });

  it('by forwarding what is not OTLP is treated the same', async () => {
    const forward = () => ({ tag: 'forward', val: Buffer.from('garbage') });
    const { send, sink } = await around(forward);
    expect(await send()).toMatchObject({
      acked: false,
      nack: { cause: 'guest-fault', reason: expect.stringContaining('not valid OTLP') },
    });
    expect(sink.deliveries).toEqual([]);
    const trusting = await around(forward, { check_output: false });
    expect((await trusting.send()).acked).toBe(true);
  });

  it('does so without end on one batch only until max_faults', async () => {
    const { send, counters } = await around(throws(fault), { max_faults: 3 });
    const permanent = [];
    for (let i = 0; i < 3; i++) {
      const outcome = await send('poison');
      permanent.push(!outcome.acked && outcome.nack.permanent);
      await send(`other ${i}`); // faults too, and is counted for itself
    }
    expect(permanent).toEqual([false, false, true]);
    expect(counters()).toMatchObject({ guest_faults: 6, poison_batches: 1 });
  });

  it.each([
    ['drop', 0],
    ['pass', 1],
  ])('on_poison_batch: %s', async (on_poison_batch, arrived) => {
    const { send, sink } = await around(throws(fault), { max_faults: 2, on_poison_batch });
    expect([(await send()).acked, (await send()).acked]).toEqual([false, true]);
    expect(sink.deliveries.length).toBe(arrived);
  });

  it('and then succeeds on the batch starts counting afresh', async () => {
    const answers = [fault, undefined, fault, undefined];
    const { send } = await around(
      () => {
        const error = answers.shift();
        if (error !== undefined) throw error();
        return { tag: 'unchanged' };
      },
      { max_faults: 2 },
    );
    expect([await send(), await send(), await send(), await send()].map(({ acked }) => acked)).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it('is not blamed for batches that come while it is down', async () => {
    const { send, counters } = await around(throws(down), { max_faults: 1 });
    for (let i = 0; i < 3; i++)
      expect(await send()).toMatchObject({ nack: { permanent: false, cause: 'guest-fault' } });
    expect([counters().guest_down, counters().poison_batches]).toEqual([3, undefined]);
  });
});
