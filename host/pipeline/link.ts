/** The `Output` of a node: the way into the channel in front of the next one. Makes the deliveries. */
import type { Logger } from 'pino';
import type { Batch } from './batch.ts';
import type { NodeCounters } from './counters.ts';
import { Delivery, type Outcome } from './delivery.ts';
import type { Output } from './node.ts';
import type { NodeLoop } from './node-loop.ts';

const CLOSED: Outcome = {
  acked: false,
  nack: { reason: 'the pipeline is shutting down', permanent: false, cause: 'shutdown' },
};

/** Who sends through a link. */
export interface LinkSource {
  readonly counters: NodeCounters;
  readonly log: Logger;
  /** True for receivers: they take from outside, so what became of their batches counts at them too. */
  readonly countsOutcomes: boolean;
  /** Told of every batch that is sent; what it returns is told the outcome. */
  readonly taken?: (batch: Batch) => ((outcome: Outcome) => void) | undefined;
}

export class Link implements Output {
  readonly #source: LinkSource;
  readonly #target: NodeLoop;

  constructor(source: LinkSource, target: NodeLoop) {
    this.#source = source;
    this.#target = target;
  }

  async send(batch: Batch, settled: (outcome: Outcome) => void): Promise<void> {
    const delivery = this.#delivery(batch, settled);
    const taken = await this.#target.channel.put(delivery);
    if (!taken) delivery.settle(CLOSED);
  }

  trySend(batch: Batch, settled: (outcome: Outcome) => void): boolean {
    if (!this.#target.channel.hasRoom) return false;
    this.#target.channel.tryPut(this.#delivery(batch, settled));
    return true;
  }

  /** A delivery that is to be put into the channel now. */
  #delivery(batch: Batch, settled: (outcome: Outcome) => void): Delivery {
    const source = this.#source;
    const target = this.#target;
    const observed = source.taken?.(batch);
    const delivery = new Delivery(batch, (outcome) => {
      target.unsettled.delete(delivery);
      count(target.counters, outcome);
      if (source.countsOutcomes) count(source.counters, outcome);
      try {
        observed?.(outcome);
        settled(outcome);
      } catch (error) {
        // The one who acks must not suffer for the one who listens.
        source.counters.errors += 1;
        source.log.error({ err: error }, 'the node failed on hearing what became of a batch');
      }
    });
    target.unsettled.add(delivery);
    source.counters.sent += 1;
    return delivery;
  }
}

function count(counters: NodeCounters, outcome: Outcome): void {
  if (outcome.acked) counters.acked += 1;
  else counters.nacked += 1;
}
