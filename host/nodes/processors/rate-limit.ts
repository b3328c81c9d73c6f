/**
 * `processor:rate_limit`: lets through what a rate limiter (an extension) grants. What is over the
 * quota is nacked, so that the sender slows down, or dropped.
 */
import { z } from 'zod';
import { RateLimiter } from '../../capability/contracts.ts';
import { duration } from '../../config/units.ts';
import type { Delivery } from '../../pipeline/delivery.ts';
import type { NodeContext, NodeType, Output, Processor } from '../../pipeline/node.ts';
import { countItems } from '../../pipeline/otlp/count.ts';

const schema = z.strictObject({
  unit: z
    .enum(['items', 'batches'])
    .default('items')
    .describe(
      'What the quota counts: log records, spans and data points, or whole batches. ' +
        'A batch with more items than the quota ever holds can never pass.',
    ),
  on_limit: z
    .enum(['nack', 'drop'])
    .default('nack')
    .describe(
      'What happens over the quota. nack: the sender is told to slow down. drop: lost, and acknowledged.',
    ),
  on_fault: z
    .enum(['nack', 'pass'])
    .default('nack')
    .describe('What happens while the rate limiter faults or is down. pass: nothing is limited.'),
  retry_after: duration({ min: 1 }).prefault('1s').describe('How long the sender is told to wait.'),
});

type Config = z.output<typeof schema>;

class RateLimitProcessor implements Processor {
  readonly #config: Config;
  readonly #context: NodeContext;
  readonly #limiter: RateLimiter;

  constructor(config: Config, context: NodeContext) {
    this.#config = config;
    this.#context = context;
    this.#limiter = context.capabilities.require(RateLimiter);
  }

  process(delivery: Delivery, output: Output): void | Promise<void> {
    const amount = this.#config.unit === 'batches' ? 1 : countItems(delivery.batch);
    let granted: boolean;
    try {
      granted = amount === 0 || this.#limiter.tryAcquire(amount);
    } catch (error) {
      this.#context.count('limiter_errors');
      if (this.#config.on_fault === 'nack') return this.#unknown(delivery, error);
      granted = true;
    }
    if (granted) return output.send(delivery.batch, (outcome) => delivery.settle(outcome));
    this.#context.count('limited');
    if (this.#config.on_limit === 'drop') return delivery.ack();
    delivery.nack({
      reason: 'the rate limit is reached',
      permanent: false,
      cause: 'channel-full',
      retryAfterMs: this.#config.retry_after,
    });
  }

  #unknown(delivery: Delivery, error: unknown): void {
    delivery.nack({
      reason: `the rate limiter gave no answer: ${error instanceof Error ? error.message : String(error)}`,
      permanent: false,
      cause: 'guest-fault',
      retryAfterMs: this.#config.retry_after,
    });
  }
}

export const rateLimitProcessor: NodeType<'processor', Config> = {
  type: 'processor:rate_limit',
  kind: 'processor',
  description: 'Lets through what a rate limiter grants.',
  schema,
  capabilities: [{ contract: RateLimiter, required: true }],
  create: (config, context) => new RateLimitProcessor(config, context),
};
