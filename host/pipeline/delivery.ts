/**
 * A delivery: a batch on its way, and the duty to say how it ended.
 *
 * - Whoever takes a delivery settles it exactly once: `ack` when everything in the batch is safe
 *   (written, answered for by the next node, or dropped on purpose), `nack` when it is not.
 * - The outcome travels back hop by hop to the receiver, which answers its client with it.
 */
import type { Batch } from './batch.ts';

/** Why a batch was not taken. */
export interface Nack {
  readonly reason: string;
  /** True: the same batch will never be taken. False: sending it again may succeed. */
  readonly permanent: boolean;
  readonly cause: NackCause;
  /** How long the sender should wait before it tries again, ms. */
  readonly retryAfterMs?: number;
}

export type NackCause =
  /** The node could not handle the batch. */
  | 'refused'
  /** No room downstream: backpressure. */
  | 'channel-full'
  /** The pipeline is shutting down. */
  | 'shutdown'
  /** A guest faulted on it, or its extension is down. */
  | 'guest-fault';

export type Outcome = { readonly acked: true } | { readonly acked: false; readonly nack: Nack };

export const ACKED: Outcome = { acked: true };

export class Delivery {
  readonly batch: Batch;
  #settle: ((outcome: Outcome) => void) | undefined;

  constructor(batch: Batch, settle: (outcome: Outcome) => void) {
    this.batch = batch;
    this.#settle = settle;
  }

  get settled(): boolean {
    return this.#settle === undefined;
  }

  ack(): void {
    this.settle(ACKED);
  }

  nack(nack: Nack): void {
    this.settle({ acked: false, nack });
  }

  /** Pass on an outcome, as a node does that forwarded the batch. The first one counts. */
  settle(outcome: Outcome): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }
}
