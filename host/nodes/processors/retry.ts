/**
 * `processor:retry`: sends a batch again that was not taken for now, with growing waits, so that a short
 * outage downstream is not the client's business. Batches wait in memory and unacknowledged: a client
 * that is cut off sends again.
 *
 * It gives up, and passes the nack on, when the attempts or the memory are used up. Nacks that are
 * permanent, or that come from a stop, are passed on at once.
 */
import { z } from 'zod';
import type { Timer } from '../../clock.ts';
import { byteSize } from '../../config/units.ts';
import type { Delivery, Nack, Outcome } from '../../pipeline/delivery.ts';
import type { NodeContext, NodeType, Output, Processor } from '../../pipeline/node.ts';
import { backoffDelay, backoffFields } from '../backoff.ts';

const schema = z.strictObject({
  ...backoffFields,
  max_attempts: z.int().min(2).default(8).describe('How often a batch is sent in all before it is given up.'),
  max_waiting: z
    .int()
    .min(1)
    .default(256)
    .describe('Most batches that wait at once; further ones are given up.'),
  max_waiting_bytes: byteSize({ min: 1 })
    .prefault('64 MiB')
    .describe('Most bytes that wait at once; what is beyond is given up.'),
});

type Config = z.output<typeof schema>;

/** A batch that waits to be sent again. */
interface Waiting {
  readonly delivery: Delivery;
  readonly attempts: number;
  readonly timer: Timer;
}

class RetryProcessor implements Processor {
  readonly #config: Config;
  readonly #context: NodeContext;
  readonly #waiting = new Set<Waiting>();
  #waitingBytes = 0;
  #draining = false;

  constructor(config: Config, context: NodeContext) {
    this.#config = config;
    this.#context = context;
  }

  process(delivery: Delivery, output: Output): Promise<void> {
    return this.#send(delivery, output, 1);
  }

  /** Each that waits gets its last attempt now. */
  async flush(output: Output): Promise<void> {
    this.#draining = true;
    for (const waiting of [...this.#waiting]) {
      waiting.timer.cancel();
      await this.#again(waiting, output);
    }
  }

  async close(): Promise<void> {
    for (const { timer } of this.#waiting) timer.cancel();
    this.#waiting.clear();
  }

  #send(delivery: Delivery, output: Output, attempts: number): Promise<void> {
    return output.send(delivery.batch, (outcome) => this.#settled(delivery, output, attempts, outcome));
  }

  #settled(delivery: Delivery, output: Output, attempts: number, outcome: Outcome): void {
    if (outcome.acked || !this.#mayWait(delivery, attempts, outcome.nack)) {
      delivery.settle(outcome);
      return;
    }
    const delay = Math.max(backoffDelay(this.#config, attempts), outcome.nack.retryAfterMs ?? 0);
    const timer = this.#context.clock.after(Math.min(delay, this.#config.max), () => {
      void this.#again(waiting, output);
    });
    const waiting: Waiting = { delivery, attempts, timer };
    this.#waiting.add(waiting);
    this.#waitingBytes += delivery.batch.bytes.length;
  }

  #mayWait({ batch, settled }: Delivery, attempts: number, nack: Nack): boolean {
    if (settled || nack.permanent || nack.cause === 'shutdown' || this.#draining) return false;
    const { max_attempts, max_waiting, max_waiting_bytes } = this.#config;
    if (attempts >= max_attempts) this.#context.count('given_up');
    else if (this.#waiting.size >= max_waiting) this.#context.count('no_room');
    else if (this.#waitingBytes + batch.bytes.length > max_waiting_bytes) this.#context.count('no_room');
    else return true;
    return false;
  }

  #again(waiting: Waiting, output: Output): Promise<void> {
    const { delivery, attempts } = waiting;
    if (this.#waiting.delete(waiting)) this.#waitingBytes -= delivery.batch.bytes.length;
    // Given up on by the pipeline while it waited.
    if (delivery.settled) return Promise.resolve();
    this.#context.count('retries');
    return this.#send(delivery, output, attempts + 1);
  }
}

export const retryProcessor: NodeType<'processor', Config> = {
  type: 'processor:retry',
  kind: 'processor',
  description: 'Sends batches again that were not taken for now, with growing waits.',
  schema,
  capabilities: [],
  create: (config, context) => new RetryProcessor(config, context),
};
