/**
 * `processor:batch`: joins small batches into larger ones. Requests are joined without being decoded:
 * every OTLP request is one repeated field, so one after another they are the joined request.
 *
 * Each original is settled with what became of the joined batch. One original must not cost the others
 * their place: a joined batch that is refused for good, or that faults a guest, is taken apart and its
 * originals are sent on one by one. Signals are kept apart, and so is the engine's own telemetry.
 */
import { z } from 'zod';
import type { Timer } from '../../clock.ts';
import { byteSize, duration } from '../../config/units.ts';
import type { Batch } from '../../pipeline/batch.ts';
import type { Delivery, Outcome } from '../../pipeline/delivery.ts';
import type { NodeContext, NodeType, Output, Processor } from '../../pipeline/node.ts';
import { countItems } from '../../pipeline/otlp/count.ts';

const schema = z.strictObject({
  max_items: z
    .int()
    .min(1)
    .default(8_192)
    .describe('Send on at so many log records, spans or data points. A larger batch passes as it is.'),
  max_bytes: byteSize({ min: 1 })
    .prefault('4 MiB')
    .describe('Send on at so many bytes. A larger batch passes as it is.'),
  timeout: duration({ min: 1 })
    .prefault('200ms')
    .describe('Send on after this time, however little there is.'),
});

type Config = z.output<typeof schema>;

/** What waits to be joined. */
interface Group {
  readonly deliveries: Delivery[];
  items: number;
  bytes: number;
  readonly timer: Timer;
}

class BatchProcessor implements Processor {
  readonly #config: Config;
  readonly #context: NodeContext;
  readonly #groups = new Map<string, Group>();

  constructor(config: Config, context: NodeContext) {
    this.#config = config;
    this.#context = context;
  }

  async process(delivery: Delivery, output: Output): Promise<void> {
    const { batch } = delivery;
    const items = countItems(batch);
    const key = `${batch.signal} ${batch.selfTelemetry === true}`;
    const { max_items, max_bytes } = this.#config;
    const waiting = this.#groups.get(key);
    if (
      waiting !== undefined &&
      (waiting.items + items > max_items || waiting.bytes + batch.bytes.length > max_bytes)
    ) {
      await this.#send(key, output);
    }
    const group = this.#groups.get(key) ?? this.#newGroup(key, output);
    group.deliveries.push(delivery);
    group.items += items;
    group.bytes += batch.bytes.length;
    if (group.items >= max_items || group.bytes >= max_bytes) await this.#send(key, output);
  }

  async flush(output: Output): Promise<void> {
    for (const key of [...this.#groups.keys()]) await this.#send(key, output);
  }

  async close(): Promise<void> {
    for (const { timer } of this.#groups.values()) timer.cancel();
    this.#groups.clear();
  }

  #newGroup(key: string, output: Output): Group {
    const timer = this.#context.clock.after(this.#config.timeout, () => void this.#send(key, output));
    const group: Group = { deliveries: [], items: 0, bytes: 0, timer };
    this.#groups.set(key, group);
    return group;
  }

  async #send(key: string, output: Output): Promise<void> {
    const group = this.#groups.get(key);
    if (group === undefined) return;
    this.#groups.delete(key);
    group.timer.cancel();
    // Some may have been given up on meanwhile; their senders know, and will send them again.
    const deliveries = group.deliveries.filter(({ settled }) => !settled);
    if (deliveries.length === 0) return;
    if (deliveries.length > 1) this.#context.count('joined', deliveries.length);
    await output.send(joined(deliveries), (outcome) => this.#settled(deliveries, outcome, output));
  }

  #settled(deliveries: readonly Delivery[], outcome: Outcome, output: Output): void {
    if (deliveries.length > 1 && !outcome.acked && isAboutOne(outcome)) {
      this.#context.count('taken_apart', deliveries.length);
      for (const delivery of deliveries) {
        if (!delivery.settled) void output.send(delivery.batch, (own) => delivery.settle(own));
      }
      return;
    }
    for (const delivery of deliveries) delivery.settle(outcome);
  }
}

/** Whether the refusal is likely to concern one of the joined batches only. */
function isAboutOne({ nack }: Outcome & { acked: false }): boolean {
  return nack.permanent || nack.cause === 'guest-fault';
}

function joined(deliveries: readonly Delivery[]): Batch {
  const [first] = deliveries;
  if (deliveries.length === 1) return first!.batch;
  return { ...first!.batch, bytes: Buffer.concat(deliveries.map(({ batch }) => batch.bytes)) };
}

export const batchProcessor: NodeType<'processor', Config> = {
  type: 'processor:batch',
  kind: 'processor',
  description: 'Joins small batches into larger ones, by items, bytes and time.',
  schema,
  capabilities: [],
  create: (config, context) => new BatchProcessor(config, context),
};
