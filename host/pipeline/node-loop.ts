/**
 * Runs one processor or exporter: takes deliveries from its channel, one at a time, and gives them to
 * the node. `pipeline.ts` starts it and drains it.
 *
 * - A node that throws does not end the loop: that delivery is nacked, counted and logged.
 * - While draining, the node is flushed each time nothing waits in front of it, so that nodes which
 *   hold batches back (for a time, or for a fuller batch) do not hold up the drain.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Channel } from './channel.ts';
import type { NodeCounters } from './counters.ts';
import type { Delivery, Nack } from './delivery.ts';
import { MalformedOtlpError } from './errors.ts';

/**
 * After so many deliveries in a row the event loop gets a turn. Deliveries are handed on in microtasks,
 * which would otherwise keep sockets and timers waiting for as long as there is work.
 */
const DELIVERIES_PER_TURN = 8;

/** What the loop does with a delivery, and with a node that is to hold nothing back. */
export interface LoopBody {
  deliver(delivery: Delivery): void | Promise<void>;
  flush(): void | Promise<void>;
}

export class NodeLoop {
  readonly channel: Channel<Delivery>;
  /** Deliveries put into the channel and not settled yet. */
  readonly unsettled = new Set<Delivery>();
  readonly counters: NodeCounters;
  readonly #body: LoopBody;
  readonly #log: Logger;
  #draining = false;
  #done: Promise<void> | undefined;

  constructor(capacity: number, counters: NodeCounters, log: Logger, body: LoopBody) {
    this.channel = new Channel(capacity);
    this.counters = counters;
    this.#log = log;
    this.#body = body;
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Resolves when the channel is closed, everything in it was given to the node, and the node is flushed. */
  get done(): Promise<void> {
    return this.#done ?? Promise.resolve();
  }

  /** From now on the node is flushed whenever nothing waits in front of it. */
  drain(): void {
    this.#draining = true;
    this.channel.wake();
  }

  /** Nack everything unsettled. Returns how many there were. */
  giveUp(nack: Nack): number {
    const count = this.unsettled.size;
    for (const delivery of [...this.unsettled]) delivery.nack(nack);
    return count;
  }

  async #run(): Promise<void> {
    for (let inARow = 1; ; ) {
      const delivery = this.channel.take();
      if (delivery !== undefined) {
        await this.#deliver(delivery);
        if (inARow++ % DELIVERIES_PER_TURN === 0) await nextTurn();
        continue;
      }
      if (this.#draining) await this.#flush();
      if (this.channel.size > 0) continue;
      if (this.channel.closed) return;
      await this.channel.ready();
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    // Settled while it waited: the pipeline gave up on it.
    if (delivery.settled) return;
    this.counters.received += 1;
    try {
      await this.#body.deliver(delivery);
    } catch (error) {
      this.counters.errors += 1;
      const selfTelemetry = delivery.batch.selfTelemetry === true ? { selfTelemetry: true } : {};
      this.#log.error({ err: error, ...selfTelemetry }, 'the node failed on a batch; it is not acknowledged');
      // Bytes that are no OTLP will not get better.
      const permanent = error instanceof MalformedOtlpError;
      delivery.nack({ reason: `the node failed: ${messageOf(error)}`, permanent, cause: 'refused' });
    }
  }

  async #flush(): Promise<void> {
    try {
      await this.#body.flush();
    } catch (error) {
      this.counters.errors += 1;
      this.#log.error({ err: error }, 'the node failed to flush');
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
