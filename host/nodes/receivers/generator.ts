/**
 * `receiver:generator`: makes telemetry of its own, at a steady rate: for trying a pipeline out and for
 * measuring it. The same seed makes the same telemetry, but for its times. `generated.ts` makes the
 * content; here is when it is sent.
 *
 * A batch that is nacked for now is sent again until it is taken; only then has the generator done its
 * count. While a stop drains the pipeline, those get one more attempt, and are given up after it.
 */
import { z } from 'zod';
import type { Timer } from '../../clock.ts';
import type { Batch } from '../../pipeline/batch.ts';
import type { Outcome } from '../../pipeline/delivery.ts';
import type { NodeContext, NodeType, Output, Receiver } from '../../pipeline/node.ts';
import { backoffDelay } from '../backoff.ts';
import { Content } from './generated.ts';

const schema = z.strictObject({
  signal: z.enum(['logs', 'metrics', 'traces']).default('logs').describe('What to make.'),
  rate: z.number().positive().max(100_000).default(10).describe('Batches per second, at most.'),
  count: z.int().min(1).optional().describe('Batches in all. Without it there is no end.'),
  items: z.int().min(1).max(100_000).default(10).describe('Log records, spans or data points in each batch.'),
  attributes: z
    .record(z.string(), z.string())
    .default({})
    .describe('Attributes of every log record, span and data point.'),
  seed: z.int().min(0).default(1).describe('The same seed makes the same telemetry.'),
});

type Config = z.output<typeof schema>;

/** Timers shorter than this cost more than they give: a higher rate sends several batches at a time. */
const TICK_MS = 10;

/** Batches that may be unsettled; the generator waits beyond that. */
const MAX_UNSETTLED = 256;

const RESEND = { initial: 250, max: 5_000 };

interface Resend {
  readonly batch: Batch;
  readonly attempts: number;
  readonly timer: Timer;
}

class GeneratorReceiver implements Receiver {
  readonly #config: Config;
  readonly #context: NodeContext;
  readonly #content: Content;
  #output: Output | undefined;
  #ticks: Timer | undefined;
  /** Batches that the rate allows now; a fraction is kept for the next tick. */
  #allowed = 0;
  #lastTick = 0n;
  #made = 0;
  #unsettled = 0;
  readonly #resends = new Set<Resend>();
  #sending = false;
  #draining = false;
  #whenIdle: (() => void) | undefined;

  constructor(config: Config, context: NodeContext) {
    this.#config = config;
    this.#context = context;
    this.#content = new Content(config, () => context.clock.now());
  }

  async start(output: Output): Promise<void> {
    this.#output = output;
    const { clock } = this.#context;
    this.#lastTick = clock.monotonicNs();
    this.#ticks = clock.every(Math.max(TICK_MS, Math.round(1000 / this.#config.rate)), () => {
      const elapsedNs = clock.monotonicNs() - this.#lastTick;
      this.#lastTick += elapsedNs;
      // A full channel holds the generator up; what the rate allowed meanwhile is not made up for.
      if (this.#sending) return;
      this.#allowed += (this.#config.rate * Number(elapsedNs)) / 1e9;
      void this.#generate();
    });
  }

  async drain(deadline: number): Promise<void> {
    this.#draining = true;
    this.#ticks?.cancel();
    for (const resend of [...this.#resends]) {
      resend.timer.cancel();
      this.#again(resend);
    }
    if (this.#unsettled === 0) return;
    const { clock } = this.#context;
    await new Promise<void>((resolve) => {
      const timer = clock.after(Math.max(0, deadline - clock.now()), resolve);
      this.#whenIdle = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  async close(): Promise<void> {
    for (const { timer } of this.#resends) timer.cancel();
  }

  async #generate(): Promise<void> {
    this.#sending = true;
    const { count = Number.POSITIVE_INFINITY, signal, items } = this.#config;
    // Sums of fractions fall short of whole numbers by a hair.
    for (; this.#allowed > 1 - 1e-6 && !this.#draining; this.#allowed -= 1) {
      if (this.#made >= count || this.#unsettled >= MAX_UNSETTLED) break;
      this.#made += 1;
      this.#context.count('items', items);
      await this.#send({ signal, bytes: this.#content.next() }, 1);
    }
    this.#sending = false;
    this.#allowed = Math.min(this.#allowed, 1);
    if (this.#made >= count) this.#ticks?.cancel();
  }

  #send(batch: Batch, attempts: number): Promise<void> {
    this.#unsettled += 1;
    return this.#output!.send(batch, (outcome) => this.#settled(batch, attempts, outcome));
  }

  #settled(batch: Batch, attempts: number, outcome: Outcome): void {
    if (outcome.acked) this.#context.count('taken');
    else if (outcome.nack.permanent) this.#context.count('refused');
    else if (this.#draining) this.#context.count('given_up');
    else {
      const delay = Math.max(backoffDelay(RESEND, attempts), outcome.nack.retryAfterMs ?? 0);
      const timer = this.#context.clock.after(delay, () => this.#again(resend));
      const resend: Resend = { batch, attempts, timer };
      this.#resends.add(resend);
      return;
    }
    this.#ended();
  }

  #again(resend: Resend): void {
    this.#resends.delete(resend);
    this.#context.count('resent');
    // It has counted as unsettled all the while.
    this.#unsettled -= 1;
    void this.#send(resend.batch, resend.attempts + 1);
  }

  #ended(): void {
    this.#unsettled -= 1;
    if (this.#unsettled > 0) return;
    if (this.#made >= (this.#config.count ?? Number.POSITIVE_INFINITY)) this.#context.show('done', 'yes');
    this.#whenIdle?.();
  }
}

export const generatorReceiver: NodeType<'receiver', Config> = {
  type: 'receiver:generator',
  kind: 'receiver',
  description: 'Makes telemetry of its own, for trying a pipeline out and for measuring it.',
  schema,
  capabilities: [],
  create: (config, context) => new GeneratorReceiver(config, context),
};
