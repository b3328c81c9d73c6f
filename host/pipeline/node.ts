/**
 * What a node is: the contracts that receivers, processors and exporters implement, and how a node
 * type announces itself (`NodeType`, collected in `host/nodes/index.ts`).
 */
import type { Logger } from 'pino';
import type { ZodType } from 'zod';
import type { Capabilities, CapabilityContract } from '../capability/contract.ts';
import type { Clock } from '../clock.ts';
import type { Batch } from './batch.ts';
import type { Delivery, Outcome } from './delivery.ts';

export type NodeKind = 'receiver' | 'processor' | 'exporter';

/** Where a node sends batches. */
export interface Output {
  /**
   * Hand on a batch, waiting for room in the channel. Resolves when the batch has been taken into
   * the channel; `settled` is called later, once, with what became of it.
   */
  send(batch: Batch, settled: (outcome: Outcome) => void): Promise<void>;
  /** Like `send`, but never waits: false when there is no room (and `settled` is not called). */
  trySend(batch: Batch, settled: (outcome: Outcome) => void): boolean;
}

/** What every node is given. */
export interface NodeContext {
  /** The node's name in the configuration. */
  readonly id: string;
  readonly group: string;
  readonly pipeline: string;
  /**
   * A line about a single batch marked `selfTelemetry` carries the field `selfTelemetry: true`: such
   * lines are not sent on as telemetry, or each would cause the next.
   */
  readonly log: Logger;
  readonly clock: Clock;
  readonly capabilities: Capabilities;
  /** The configuration file's folder, absolute: relative paths in `config` are relative to it. */
  readonly folder: string;
  /**
   * A random secret of the engine's own. A request that carries it is the engine's own telemetry:
   * its batch is marked `selfTelemetry`. Undefined when the engine sends none.
   */
  readonly selfTelemetryToken: string | undefined;
  /** Counts something that happened, for status and metrics: `context.count('records_redacted', 3)`. */
  count(name: string, by?: number): void;
  /** Shows a fact in the node's status, under `name`, in place of what stood there: `('address', '127.0.0.1:4318')`. */
  show(name: string, value: string | number): void;
  /** Writes text for a person, as the `debug` exporter does. */
  print(text: string): void;
}

/** Brings batches in. */
export interface Receiver {
  /** Begin to receive. Rejects when it cannot (a port in use): the pipeline then fails to start. */
  start(output: Output): Promise<void>;
  /** Take nothing new; resolves when nothing is in flight any more or `deadline` (epoch ms) has passed. */
  drain(deadline: number): Promise<void>;
  /** Give up what is still open; called after `drain`, once everything sent is settled. */
  close?(): Promise<void>;
}

/** Takes batches and hands batches on. Called for one delivery at a time. */
export interface Processor {
  process(delivery: Delivery, output: Output): void | Promise<void>;
  /**
   * Hand on whatever is held back, and hold nothing back from now on. Called while the pipeline
   * drains, each time nothing waits in front of the node; so it may be called again.
   */
  flush?(output: Output): Promise<void>;
  close?(): Promise<void>;
}

/** Takes batches out. Called for one delivery at a time; may settle later. */
export interface Exporter {
  start?(): Promise<void>;
  export(delivery: Delivery): void | Promise<void>;
  /** Finish what is in flight. Called while the pipeline drains, as with processors. */
  flush?(): Promise<void>;
  close?(): Promise<void>;
}

export interface NodeByKind {
  receiver: Receiver;
  processor: Processor;
  exporter: Exporter;
}

/** A capability that a node type can bind. */
export interface NodeCapability {
  readonly contract: CapabilityContract<unknown>;
  readonly required: boolean;
}

/** A node type. */
export interface NodeType<K extends NodeKind = NodeKind, C = unknown> {
  /** As configurations write it, e.g. `receiver:otlp`. */
  readonly type: `${K}:${string}`;
  readonly kind: K;
  readonly description: string;
  /** The shape of the node's `config`, with a description on every field. Strict: unknown keys are refused. */
  readonly schema: ZodType<C>;
  readonly capabilities: readonly NodeCapability[];
  /** True for node types that name a processor guest in `guest:`. */
  readonly takesGuest?: boolean;
  /** Make a node; claims capabilities here, opens nothing yet. */
  create(config: C, context: NodeContext): NodeByKind[K];
}
