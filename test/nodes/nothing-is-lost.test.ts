/** A ledger over a whole pipeline: what the sender was told is taken, has arrived. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CapabilityError } from '../../host/capability/errors.ts';
import { batchProcessor } from '../../host/nodes/processors/batch.ts';
import { retryProcessor } from '../../host/nodes/processors/retry.ts';
import { wasmProcessor } from '../../host/nodes/processors/wasm.ts';
import { generatorReceiver } from '../../host/nodes/receivers/generator.ts';
import type { Delivery } from '../../host/pipeline/delivery.ts';
import { otlpToJson } from '../../host/pipeline/otlp/to-json.ts';
import { ManualClock } from '../manual-clock.ts';
import { capabilities, chain, configured, node } from '../pipeline/parts.ts';

const BATCHES = 40;
const ITEMS = 3;

/** The items of every batch that the exporter acknowledged, by their index. */
async function arrived(trouble: readonly number[], onFault: string, drainAfterMs: number) {
  let step = 0;
  const next = () => trouble[step++ % trouble.length]!;
  const items = new Set<number>();
  const guest = {
    process() {
      const what = next();
      if (what === 0) throw new CapabilityError('guest', 'processor', true, 'trap');
      if (what === 1) throw new CapabilityError('guest', 'processor', false, 'restarting');
      return { tag: 'unchanged' };
    },
  };
  const exporter = {
    export(delivery: Delivery) {
      const what = next();
      if (what === 2) throw new RangeError('the exporter broke');
      if (what === 3) return delivery.nack({ reason: 'full', permanent: false, cause: 'refused' });
      const { signal, bytes } = delivery.batch;
      for (const [, index] of otlpToJson(signal, bytes).matchAll(/"intValue":"(\d+)"/g))
        items.add(Number(index));
      delivery.ack();
    },
  };
  const clock = new ManualClock();
  const nodes = [
    configured('gen', generatorReceiver, { count: BATCHES, items: ITEMS, rate: 100 }),
    configured('join', batchProcessor, { timeout: '50ms', max_items: 9 }),
    configured('again', retryProcessor, { initial: '20ms', max: '200ms', max_attempts: 3 }),
    configured(
      'guest',
      wasmProcessor,
      { on_fault: onFault, max_faults: 1_000_000 },
      capabilities({ processor: guest }),
    ),
    node('out', 'exporter', exporter),
  ];
  const pipeline = chain(nodes, { clock });
  await pipeline.start();
  await clock.advance(drainAfterMs);
  const drained = pipeline.drain(clock.now() + 1_000);
  await clock.advance(2_000);
  await drained;
  const { taken = 0, given_up = 0 } = pipeline.status()[0]!.counters;
  return { items: items.size, taken, given_up, pendingTimers: clock.pendingTimers };
}

/** What goes wrong at each step; from 4 on nothing does. */
const troubles = fc
  .array(fc.nat({ max: 9 }), { minLength: 20, maxLength: 60 })
  .filter((list) => list.some((what) => what > 3));
const trouble: readonly number[] = [0, 5, 5, 1, 5, 3, 5, 5, 2, 5, 5, 0, 5];

describe('with a guest and an exporter that fail in every way', () => {
  it('every batch arrives in the end', async () => {
    const ledger = await arrived(trouble, 'nack', 120_000);
    expect(ledger).toEqual({ items: BATCHES * ITEMS, taken: BATCHES, given_up: 0, pendingTimers: 0 });
  });

  it('a stop at any moment leaves no batch that was taken and did not arrive', async () => {
    await fc.assert(
      fc.asyncProperty(troubles, fc.nat({ max: 1_500 }), async (list, drainAfterMs) => {
        const { items, taken, pendingTimers } = await arrived(list, 'nack', drainAfterMs);
        expect(items).toBeGreaterThanOrEqual(taken * ITEMS);
        expect(pendingTimers).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('the same ledger does not add up when faults drop batches', async () => {
    const { items, taken } = await arrived(trouble, 'drop', 120_000);
    expect(taken).toBe(BATCHES);
    expect(items).toBeLessThan(BATCHES * ITEMS);
  });
});
