/**
 * One pipeline with its extensions: made, started and stopped in the one right order. Extensions start
 * before any node runs and stop after every node has drained.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { PipelineConfig, TrustConfig } from '../config/model.ts';
import type { InstanceBudget } from '../extension/instance-budget.ts';
import { type PipelineExtensions, preparePipelineExtensions } from '../extension/pipeline-extensions.ts';
import type { ExtensionEvent, ExtensionStatus } from '../extension/status.ts';
import { nodeTypes } from '../nodes/index.ts';
import type { NodeStatus } from '../pipeline/counters.ts';
import {
  type DrainResult,
  Pipeline,
  type PipelineObserver,
  type PipelineState,
} from '../pipeline/pipeline.ts';

/** What a pipeline is given by the engine. */
export interface PipelineSurroundings {
  readonly clock: Clock;
  readonly log: Logger;
  /** The configuration's folder. */
  readonly folder: string;
  readonly print: (text: string) => void;
  readonly budget: InstanceBudget;
  readonly trust: TrustConfig;
  readonly selfTelemetryToken: string | undefined;
  readonly observer: PipelineObserver | undefined;
  readonly onEvent: ((event: PipelineEvent) => void) | undefined;
}

/** Something that happened to an extension of a pipeline. */
export type PipelineEvent = ExtensionEvent & { readonly group: string; readonly pipeline: string };

export interface PipelineStatus {
  readonly group: string;
  readonly name: string;
  readonly state: PipelineState;
  readonly nodes: readonly NodeStatus[];
  readonly extensions: readonly ExtensionStatus[];
}

export class EnginePipeline {
  readonly #extensions: PipelineExtensions;
  readonly #pipeline: Pipeline;

  /**
   * Compile the extensions, resolve the bindings and make the nodes; nothing runs yet.
   * @throws PipelineExtensionsError, or what a node could not be made for
   */
  static async prepare(config: PipelineConfig, surroundings: PipelineSurroundings): Promise<EnginePipeline> {
    const { group, name } = config;
    const { onEvent } = surroundings;
    const log = surroundings.log.child({ pipeline: `${group}/${name}` });
    const extensions = await preparePipelineExtensions({
      extensions: config.extensions,
      nodes: config.nodes,
      clock: surroundings.clock,
      budget: surroundings.budget,
      trust: surroundings.trust,
      pipeline: `${group}/${name}`,
      log,
      onEvent: onEvent && ((event) => onEvent({ ...event, group, pipeline: name })),
    });
    const pipeline = new Pipeline({
      ...surroundings,
      group,
      name,
      log,
      nodes: config.nodes.map((node) => ({
        id: node.name,
        type: nodeTypes.find(({ type }) => type === node.type)!,
        config: node.config,
        capabilities: extensions.capabilitiesFor(node),
      })),
      connections: config.connections,
      channelCapacity: config.policies.channelCapacity,
    });
    return new EnginePipeline(extensions, pipeline);
  }

  private constructor(extensions: PipelineExtensions, pipeline: Pipeline) {
    this.#extensions = extensions;
    this.#pipeline = pipeline;
  }

  /** Extensions, then nodes. When one cannot start, those that did are stopped again. */
  async start(): Promise<void> {
    await this.#extensions.start();
    try {
      await this.#pipeline.start();
    } catch (error) {
      await this.#extensions.stop('shutdown');
      throw error;
    }
  }

  /** Nodes, then extensions. `deadline` is in epoch ms. */
  async stop(deadline: number): Promise<DrainResult> {
    const result = await this.#pipeline.drain(deadline);
    await this.#extensions.stop('shutdown');
    return result;
  }

  status(): PipelineStatus {
    return {
      group: this.#pipeline.group,
      name: this.#pipeline.name,
      state: this.#pipeline.state,
      nodes: this.#pipeline.status(),
      extensions: this.#extensions.status(),
    };
  }
}
