/**
 * One pipeline on one thread: its nodes, the channels between them, and how they start and stop.
 *
 * - Nodes are made in the constructor (they claim their capabilities there) and run from `start` on.
 * - Start: exporters, then processors, then receivers: nobody sends to a node that does not run.
 * - Drain: receivers take nothing new and wait for what is in flight, while the nodes behind them hold
 *   nothing back; then processors and exporters finish in order. What is not settled by the deadline
 *   is nacked with cause `shutdown`, so that every client gets an answer.
 *
 * The engine decides when; the configuration's own rules are checked in `host/config`.
 */
import type { Logger } from 'pino';
import type { Capabilities } from '../capability/contract.ts';
import type { Clock } from '../clock.ts';
import { WeirError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { type NodeCounters, type NodeStatus, newCounters } from './counters.ts';
import type { Delivery, Nack, Outcome } from './delivery.ts';
import { pipelineErrors } from './errors.ts';
import { Link } from './link.ts';
import type { Exporter, NodeContext, NodeType, Output, Processor, Receiver } from './node.ts';
import { NodeLoop } from './node-loop.ts';
import { orderNodes } from './order.ts';

/** A node to be made. */
export interface PipelineNode {
  readonly id: string;
  readonly type: NodeType;
  /** As `type.schema` returned it. */
  readonly config: unknown;
  readonly capabilities: Capabilities;
}

export interface PipelineOptions {
  readonly group: string;
  readonly name: string;
  readonly nodes: readonly PipelineNode[];
  /** An output has exactly one destination; several nodes may send to one. */
  readonly connections: readonly { readonly from: string; readonly to: string }[];
  /** Batches that fit in the channel in front of each node. */
  readonly channelCapacity: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly folder: string;
  readonly selfTelemetryToken?: string | undefined;
  readonly print: (text: string) => void;
  readonly observer?: PipelineObserver | undefined;
}

/** Sees batches pass; the engine makes its own telemetry of them. */
export interface PipelineObserver {
  /** A receiver sends a batch; what comes back is told the outcome. */
  taken(receiver: string, batch: Batch): ((outcome: Outcome) => void) | undefined;
  /** A node begins to work on a batch: do `work`. */
  handling<T>(batch: Batch, work: () => T): T;
}

export type PipelineState = 'created' | 'running' | 'draining' | 'stopped' | 'failed';

/** How a drain ended. */
export interface DrainResult {
  /** Batches that were nacked because the deadline passed. Their senders know. */
  readonly givenUp: number;
}

interface Running {
  readonly spec: PipelineNode;
  readonly counters: NodeCounters;
  readonly facts: Record<string, string | number>;
  readonly log: Logger;
  readonly node: Receiver | Processor | Exporter;
  /** None for receivers. */
  readonly loop: NodeLoop | undefined;
  /** None for exporters. */
  output: Output | undefined;
}

/** How long after the deadline nodes may take to answer and to close, ms. */
const GRACE_MS = 1_000;

const SHUTDOWN: Nack = {
  reason: 'the pipeline stopped before the batch was handled',
  permanent: false,
  cause: 'shutdown',
};

export class Pipeline {
  readonly group: string;
  readonly name: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Upstream before downstream. */
  readonly #nodes: Running[] = [];
  #state: PipelineState = 'created';
  #started: Promise<void> | undefined;
  #drained: Promise<DrainResult> | undefined;
  #finished: Promise<DrainResult> | undefined;

  /**
   * Makes the nodes; opens nothing.
   * @throws WeirError `WEIR_PIPELINE_SHAPE` when nodes and connections do not fit together,
   *   `WEIR_PIPELINE_NODE_FAILED` when a node could not be made; a node's own WeirError as it is
   */
  constructor(options: PipelineOptions) {
    this.group = options.group;
    this.name = options.name;
    this.#clock = options.clock;
    this.#log = options.log;
    const byId = new Map<string, Running>();
    for (const spec of orderNodes(options.nodes, options.connections)) {
      const running = makeNode(spec, options);
      this.#nodes.push(running);
      byId.set(spec.id, running);
    }
    for (const { from, to } of options.connections) {
      const source = byId.get(from)!;
      const countsOutcomes = source.spec.type.kind === 'receiver';
      const target = byId.get(to)!.loop!;
      const { observer } = options;
      const taken = countsOutcomes && observer ? (batch: Batch) => observer.taken(from, batch) : undefined;
      source.output = new Link({ counters: source.counters, log: source.log, countsOutcomes, taken }, target);
    }
  }

  get state(): PipelineState {
    return this.#state;
  }

  /** The nodes as they are now, upstream first. */
  status(): NodeStatus[] {
    return this.#nodes.map(({ spec, counters, facts, loop }) => ({
      id: spec.id,
      type: spec.type.type,
      kind: spec.type.kind,
      queued: loop?.channel.size ?? 0,
      capacity: loop?.channel.capacity ?? 0,
      unsettled: loop?.unsettled.size ?? 0,
      counters: { ...counters },
      facts: { ...facts },
    }));
  }

  /**
   * Start every node. When one cannot start, those that did are stopped again.
   * @throws WeirError what the node threw; `WEIR_PIPELINE_NODE_FAILED` around anything else
   */
  start(): Promise<void> {
    if (this.#state !== 'created') return Promise.reject(this.#cannotStart());
    this.#state = 'running';
    this.#started = this.#start();
    return this.#started;
  }

  /**
   * Stop: finish what is in flight, at most until `deadline` (epoch ms). Never rejects; a second call
   * waits for the first.
   */
  drain(deadline: number): Promise<DrainResult> {
    this.#drained ??= this.#drain(deadline);
    return this.#drained;
  }

  async #start(): Promise<void> {
    try {
      for (const running of [...this.#nodes].reverse()) {
        await this.#startNode(running);
        if (this.#drained !== undefined) throw this.#cannotStart();
      }
    } catch (error) {
      this.#finished ??= this.#finish(this.#clock.now());
      await this.#finished;
      if (this.#drained === undefined) this.#state = 'failed';
      throw error;
    }
  }

  async #drain(deadline: number): Promise<DrainResult> {
    // A node that is just starting gets to its end; the next one is not started.
    await this.#started?.catch(() => {});
    this.#finished ??= this.#finish(deadline);
    return await this.#finished;
  }

  async #startNode(running: Running): Promise<void> {
    const { spec, node, loop, output } = running;
    try {
      if (spec.type.kind === 'receiver') await (node as Receiver).start(output!);
      else if (spec.type.kind === 'exporter') await (node as Exporter).start?.();
    } catch (error) {
      throw nodeError(spec, 'start', error);
    }
    loop?.start();
  }

  async #finish(deadline: number): Promise<DrainResult> {
    this.#state = 'draining';
    const receivers = this.#nodes.filter(({ loop }) => loop === undefined);
    const loops = this.#nodes.flatMap(({ loop }) => (loop === undefined ? [] : [loop]));
    let givenUp = 0;
    // Exporters first: the cause then travels upstream the way that any outcome does.
    const giveUp = () => {
      for (const loop of [...loops].reverse()) givenUp += loop.giveUp(SHUTDOWN);
    };
    const timer = this.#clock.after(Math.max(0, deadline - this.#clock.now()), giveUp);
    for (const loop of loops) loop.drain();
    const last = deadline + GRACE_MS;
    await this.#all(receivers, last, 'drain', ({ node }) => (node as Receiver).drain(deadline));
    for (const loop of loops) {
      loop.channel.close();
      await this.#until(loop.done, last);
    }
    timer.cancel();
    giveUp();
    const end = Math.max(last, this.#clock.now() + GRACE_MS);
    await this.#all(this.#nodes, end, 'close', ({ node }) => node.close?.());
    this.#state = 'stopped';
    return { givenUp };
  }

  /** Do something with all of the nodes at once, wait at most until `end`, and log who failed. */
  async #all(
    nodes: readonly Running[],
    end: number,
    what: string,
    act: (running: Running) => Promise<void> | undefined,
  ): Promise<void> {
    const acts = nodes.map(async (running) => {
      try {
        await act(running);
      } catch (error) {
        running.counters.errors += 1;
        running.log.error({ err: error }, `the node failed to ${what}`);
      }
    });
    if (!(await this.#until(Promise.all(acts), end))) {
      this.#log.warn({ nodes: nodes.map(({ spec }) => spec.id) }, `not every node could ${what} in time`);
    }
  }

  /** Wait for a promise that does not reject, at most until `end` (epoch ms). True if it came about. */
  #until(promise: Promise<unknown>, end: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(Math.max(0, end - this.#clock.now()), () => resolve(false));
      promise.then(() => {
        timer.cancel();
        resolve(true);
      });
    });
  }

  #cannotStart(): WeirError {
    return new WeirError(
      pipelineErrors.WEIR_PIPELINE_STOPPED,
      `pipeline ${this.group}/${this.name} cannot start: it was started or stopped before`,
    );
  }
}

function makeNode(spec: PipelineNode, options: PipelineOptions): Running {
  const counters = newCounters();
  const facts: Record<string, string | number> = {};
  const log = options.log.child({ node: spec.id });
  const context: NodeContext = {
    id: spec.id,
    group: options.group,
    pipeline: options.name,
    log,
    clock: options.clock,
    capabilities: spec.capabilities,
    folder: options.folder,
    selfTelemetryToken: options.selfTelemetryToken,
    count(name, by = 1) {
      counters[name] = (counters[name] ?? 0) + by;
    },
    show(name, value) {
      facts[name] = value;
    },
    print: options.print,
  };
  let node: Receiver | Processor | Exporter;
  try {
    node = spec.type.create(spec.config, context);
  } catch (error) {
    throw nodeError(spec, 'be made', error);
  }
  const running: Running = { spec, counters, facts, log, node, loop: undefined, output: undefined };
  if (spec.type.kind === 'receiver') return running;
  const work = (delivery: Delivery) =>
    spec.type.kind === 'processor'
      ? (node as Processor).process(delivery, running.output!)
      : (node as Exporter).export(delivery);
  const { observer } = options;
  const loop = new NodeLoop(options.channelCapacity, counters, log, {
    deliver: observer ? (delivery) => observer.handling(delivery.batch, () => work(delivery)) : work,
    flush: () =>
      spec.type.kind === 'processor'
        ? (node as Processor).flush?.(running.output!)
        : (node as Exporter).flush?.(),
  });
  return Object.assign(running, { loop });
}

function nodeError(spec: PipelineNode, what: string, error: unknown): WeirError {
  if (error instanceof WeirError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new WeirError(
    pipelineErrors.WEIR_PIPELINE_NODE_FAILED,
    `node ${spec.id} (${spec.type.type}) could not ${what}: ${reason}`,
    { cause: error },
  );
}
