import { describe, expect, it } from 'vitest';
import { generatorReceiver } from '../../../host/nodes/receivers/generator.ts';
import type { Delivery } from '../../../host/pipeline/delivery.ts';
import { checkOtlp } from '../../../host/pipeline/otlp/check.ts';
import { countItems } from '../../../host/pipeline/otlp/count.ts';
import { otlpToJson } from '../../../host/pipeline/otlp/to-json.ts';
import { ManualClock } from '../../manual-clock.ts';
import { chain, configured, node, Sink } from '../../pipeline/parts.ts';

async function running(config: Record<string, unknown>, sink = new Sink(), channelCapacity = 64) {
  const clock = new ManualClock();
  const pipeline = chain([configured('gen', generatorReceiver, config), node('out', 'exporter', sink)], {
    clock,
    channelCapacity,
  });
  await pipeline.start();
  const json = () => sink.deliveries.map(({ batch }) => otlpToJson(batch.signal, batch.bytes));
  return { clock, sink, pipeline, json, status: () => pipeline.status()[0]! };
}

describe('the generator', () => {
  it.each(['logs', 'metrics', 'traces'] as const)('makes valid %s, as many as asked for', async (signal) => {
    const { clock, sink, status, json } = await running({
      signal,
      count: 7,
      items: 20,
      attributes: { env: 'test' },
    });
    await clock.advance(10_000);
    expect(sink.deliveries.length).toBe(7);
    for (const { batch } of sink.deliveries) {
      checkOtlp(signal, batch.bytes);
      expect(countItems(batch)).toBe(20);
    }
    expect(json()[0]).toContain('{"key":"env","value":{"stringValue":"test"}}');
    expect(status().counters).toMatchObject({ items: 140, taken: 7, acked: 7 });
    expect(status().facts.done).toBe('yes');
    expect(clock.pendingTimers).toBe(0);
  });

  it('puts in what should not leave the house', async () => {
    const { clock, json } = await running({ count: 5, items: 50 });
    await clock.advance(1_000);
    for (const kind of [/@example\.(com|org)/, /4111 1111 1111 1111/, /Bearer [0-9a-f]+/])
      expect(json().join()).toMatch(kind);
  });

  it('makes the same from the same seed, and other from another', async () => {
    const made = async (seed: number) => {
      const { clock, json } = await running({ count: 3, seed });
      await clock.advance(1_000);
      return json();
    };
    expect(await made(7)).toEqual(await made(7));
    expect(await made(7)).not.toEqual(await made(8));
  });

  it.each([
    [0.5, 10_000, 5],
    [3, 10_000, 30],
    [400, 5_000, 2_000],
  ])('keeps to %d batches a second', async (rate, ms, batches) => {
    const { clock, sink } = await running({ rate, items: 1 });
    await clock.advance(ms);
    expect(Math.abs(sink.deliveries.length - batches)).toBeLessThanOrEqual(1);
  });

  it('sends again what was nacked for now, until it is taken', async () => {
    const sink = new Sink();
    let refusals = 3;
    sink.export = (delivery: Delivery) => {
      sink.deliveries.push(delivery);
      if (refusals-- > 0) delivery.nack({ reason: 'later', permanent: false, cause: 'refused' });
      else delivery.ack();
    };
    const { clock, status } = await running({ count: 2 }, sink);
    await clock.advance(60_000);
    expect(status().counters).toMatchObject({ taken: 2, resent: 3, nacked: 3 });
    expect(new Set(sink.deliveries.map(({ batch }) => batch.bytes)).size).toBe(2);
  });

  it('waits while the channel is full, and does not make up for it', async () => {
    const sink = new Sink();
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    sink.export = async (delivery: Delivery) => {
      await held;
      delivery.ack();
    };
    const { clock, status } = await running({ rate: 10 }, sink, 2);
    await clock.advance(60_000);
    expect(status().counters.sent).toBeLessThan(6);
    release();
    await clock.advance(100);
    expect(status().counters.sent).toBeLessThan(10);
  });

  it('stops in order while batches wait to be sent again', async () => {
    const sink = new Sink();
    sink.export = (delivery: Delivery) =>
      delivery.nack({ reason: 'later', permanent: false, cause: 'refused' });
    const { clock, pipeline, status } = await running({ rate: 10 }, sink);
    await clock.advance(1_000);
    const drained = pipeline.drain(clock.now() + 5_000);
    await clock.advance(0);
    await drained;
    expect(status().counters.given_up).toBeGreaterThan(0);
    expect(clock.pendingTimers).toBe(0);
  });
});
