/** Nodes for tests: a receiver fed by hand, an exporter that settles when told, and a pipeline around them. */
import { pino } from 'pino';
import { z } from 'zod';
import type { Capabilities, CapabilityContract } from '../../host/capability/contract.ts';
import type { Clock } from '../../host/clock.ts';
import { systemClock } from '../../host/clock.ts';
import type { Batch } from '../../host/pipeline/batch.ts';
import type { Delivery, Outcome } from '../../host/pipeline/delivery.ts';
import type {
  Exporter,
  NodeByKind,
  NodeKind,
  NodeType,
  Output,
  Processor,
  Receiver,
} from '../../host/pipeline/node.ts';
import { Pipeline, type PipelineNode, type PipelineObserver } from '../../host/pipeline/pipeline.ts';

export const noCapabilities: Capabilities = capabilities({});

/** Capabilities from plain objects by contract name. */
export function capabilities(bound: Readonly<Record<string, unknown>>): Capabilities {
  const optional = <T>(contract: CapabilityContract<T>) => bound[contract.name] as T | undefined;
  return {
    optional,
    require(contract) {
      const binding = optional(contract);
      if (binding === undefined) throw new TypeError(`the test binds no ${contract.name}`);
      return binding;
    },
  };
}

export function logs(text: string): Batch {
  return { signal: 'logs', bytes: Buffer.from(text) };
}

/** A receiver that sends what the test gives it. */
export class Feed implements Receiver {
  output: Output | undefined;
  readonly outcomes: Outcome[] = [];
  #inFlight = 0;
  #idle: (() => void)[] = [];
  closed = false;
  draining = false;

  async start(output: Output): Promise<void> {
    this.output = output;
  }

  async send(batch: Batch): Promise<void> {
    this.#inFlight += 1;
    await this.output!.send(batch, (outcome) => this.#settled(outcome));
  }

  trySend(batch: Batch): boolean {
    const taken = this.output!.trySend(batch, (outcome) => this.#settled(outcome));
    if (taken) this.#inFlight += 1;
    return taken;
  }

  #settled(outcome: Outcome): void {
    this.outcomes.push(outcome);
    this.#inFlight -= 1;
    if (this.#inFlight === 0) for (const idle of this.#idle.splice(0)) idle();
  }

  drain(): Promise<void> {
    this.draining = true;
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** An exporter that keeps what it is given; `ack` says whether at once. */
export class Sink implements Exporter {
  readonly deliveries: Delivery[] = [];
  ack = true;
  readonly calls: string[] = [];

  async start(): Promise<void> {
    this.calls.push('start');
  }

  export(delivery: Delivery): void {
    this.deliveries.push(delivery);
    if (this.ack) delivery.ack();
  }

  async flush(): Promise<void> {
    this.calls.push('flush');
  }

  async close(): Promise<void> {
    this.calls.push('close');
  }

  get texts(): string[] {
    return this.deliveries.map(({ batch }) => Buffer.from(batch.bytes).toString());
  }
}

/** A processor of one function. */
export function processor(process: Processor['process'], rest: Omit<Processor, 'process'> = {}): Processor {
  return { process, ...rest };
}

/** A node type around a node that exists already. */
export function node<K extends NodeKind>(id: string, kind: K, made: NodeByKind[K]): PipelineNode {
  const type: NodeType<K, unknown> = {
    type: `${kind}:test`,
    kind,
    description: 'A test node.',
    schema: z.unknown(),
    capabilities: [],
    create: () => made,
  };
  return { id, type: type as unknown as NodeType, config: {}, capabilities: noCapabilities };
}

/** A node of a real type, with its configuration as a file would give it. */
export function configured(
  id: string,
  type: NodeType,
  config: unknown,
  bound: Capabilities = noCapabilities,
): PipelineNode {
  return { id, type, config: type.schema.parse(config), capabilities: bound };
}

export interface ChainOptions {
  readonly clock?: Clock;
  readonly channelCapacity?: number;
  readonly folder?: string;
  readonly selfTelemetryToken?: string;
  readonly print?: (text: string) => void;
  readonly observer?: PipelineObserver;
  /** Gets every log line, parsed. */
  readonly onLog?: (line: Record<string, unknown>) => void;
}

/** A pipeline of the nodes in a row. */
export function chain(nodes: readonly PipelineNode[], options: ChainOptions = {}): Pipeline {
  const connections = nodes.slice(1).map(({ id }, i) => ({ from: nodes[i]!.id, to: id }));
  return assemble(nodes, connections, options);
}

export function assemble(
  nodes: readonly PipelineNode[],
  connections: readonly { from: string; to: string }[],
  options: ChainOptions = {},
): Pipeline {
  const { onLog } = options;
  return new Pipeline({
    group: 'default',
    name: 'main',
    nodes,
    connections,
    channelCapacity: options.channelCapacity ?? 4,
    clock: options.clock ?? systemClock,
    log:
      onLog === undefined
        ? pino({ enabled: false })
        : pino({ level: 'trace' }, { write: (line: string) => onLog(JSON.parse(line)) }),
    folder: options.folder ?? '/nonexistent',
    selfTelemetryToken: options.selfTelemetryToken,
    print: options.print ?? (() => {}),
    observer: options.observer,
  });
}

/** Let everything that is ready run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
