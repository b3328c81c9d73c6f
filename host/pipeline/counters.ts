/** What is counted at each node. Numbers only ever grow; `weir` status and metrics read them. */

/** Counted for every node; a node type adds its own with `context.count`. */
export interface NodeCounters {
  /** Batches that the node took, from the node before it. A receiver counts what it `sent`. */
  received: number;
  /** Batches that the node handed on. */
  sent: number;
  /** Of the batches that the node took (for a receiver: sent), those acknowledged. */
  acked: number;
  /** Of the same batches, those not taken. */
  nacked: number;
  /** Times that the node threw. */
  errors: number;
  [own: string]: number;
}

export function newCounters(): NodeCounters {
  return { received: 0, sent: 0, acked: 0, nacked: 0, errors: 0 };
}

/** A node as status shows it. */
export interface NodeStatus {
  readonly id: string;
  readonly type: string;
  readonly kind: 'receiver' | 'processor' | 'exporter';
  /** Batches waiting in the channel in front of the node. 0 for a receiver. */
  readonly queued: number;
  /** Batches that fit there. 0 for a receiver. */
  readonly capacity: number;
  /** Batches that the node took, or that wait in front of it, and that nobody has settled. */
  readonly unsettled: number;
  readonly counters: Readonly<NodeCounters>;
  /** What the node shows with `context.show`, e.g. `address`. */
  readonly facts: Readonly<Record<string, string | number>>;
}
