/**
 * The whole: every pipeline of a configuration, started together and stopped together. It wires; what
 * a pipeline does stands in `engine-pipeline.ts`, what a configuration may say in `host/config`.
 */
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { type Clock, systemClock } from '../clock.ts';
import type { EngineConfig, TelemetryConfig } from '../config/model.ts';
import { InstanceBudget } from '../extension/instance-budget.ts';
import type { ExtensionStatus } from '../extension/status.ts';
import { type ConfigSource, readConfig } from './configuration.ts';
import { EnginePipeline, type PipelineEvent, type PipelineStatus } from './engine-pipeline.ts';
import { createLog, type LogOptions } from './log.ts';
import type { EngineTelemetry } from './telemetry.ts';

export interface EngineOptions {
  /** Where the engine and its extensions log; nowhere unless given. */
  readonly log?: LogOptions;
  readonly clock?: Clock;
  /** Where the `debug` exporter prints; standard output unless given. */
  readonly print?: (text: string) => void;
  /** Told of starts, faults, restarts and stops of extensions. */
  readonly onEvent?: (event: PipelineEvent) => void;
}

export interface StopOptions {
  /** How long it may take until what is left is given up, ms; `engine.shutdown_deadline` unless given. */
  readonly deadline?: number;
}

export interface StopResult {
  /** Batches that were still in flight at the deadline, and were nacked. */
  readonly givenUp: number;
}

export type EngineState = 'running' | 'draining' | 'stopped';

export interface EngineStatus {
  readonly state: EngineState;
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly pipelines: readonly PipelineStatus[];
}

export class Engine {
  readonly config: EngineConfig;
  /** The engine's log; lines that an embedding program writes here go where the engine's go. */
  readonly log: Logger;
  readonly #pipelines: readonly EnginePipeline[];
  readonly #telemetry: EngineTelemetry | undefined;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #state: EngineState = 'running';
  #stopped: Promise<StopResult> | undefined;

  /**
   * Start every pipeline of a configuration: the path of a YAML file, its text, or an object of the
   * same shape. When one pipeline cannot start, none is left running.
   * @throws InvalidConfigError with every error of the configuration at once
   * @throws WeirError when an extension or a node cannot start (a refused configuration, a port in use)
   */
  static async start(source: ConfigSource, options: EngineOptions = {}): Promise<Engine> {
    return Engine.run(await readConfig(source), options);
  }

  /** Like `start`, with a configuration that was read and checked already. */
  static async run(config: EngineConfig, options: EngineOptions = {}): Promise<Engine> {
    const { clock = systemClock } = options;
    const telemetry = config.engine.telemetry && (await startTelemetry(config.engine.telemetry));
    const log = createLog(options.log, telemetry?.logDestination());
    telemetry?.reportTo(log);
    const budget = new InstanceBudget(config.engine.instances);
    const pipelines: EnginePipeline[] = [];
    const started: EnginePipeline[] = [];
    try {
      for (const pipeline of config.pipelines) {
        pipelines.push(
          await EnginePipeline.prepare(pipeline, {
            clock,
            log,
            budget,
            trust: config.engine.trust,
            folder: dirname(config.file),
            print: options.print ?? ((text) => void process.stdout.write(text)),
            selfTelemetryToken: telemetry?.secret,
            observer: telemetry?.observer(`${pipeline.group}/${pipeline.name}`),
            onEvent: options.onEvent,
          }),
        );
      }
      for (const pipeline of pipelines) {
        await pipeline.start();
        started.push(pipeline);
      }
    } catch (error) {
      await Promise.all(started.map((pipeline) => pipeline.stop(clock.now())));
      await telemetry?.stop();
      throw error;
    }
    log.info({ pipelines: config.pipelines.map(({ group, name }) => `${group}/${name}`) }, 'the engine runs');
    return new Engine(config, pipelines, telemetry, log, clock);
  }

  private constructor(
    config: EngineConfig,
    pipelines: readonly EnginePipeline[],
    telemetry: EngineTelemetry | undefined,
    log: Logger,
    clock: Clock,
  ) {
    this.config = config;
    this.#pipelines = pipelines;
    this.#telemetry = telemetry;
    this.log = log;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  status(): EngineStatus {
    return {
      state: this.#state,
      startedAt: this.#startedAt,
      pipelines: this.#pipelines.map((pipeline) => pipeline.status()),
    };
  }

  /**
   * Take nothing new, finish what is in flight, stop the extensions. Never rejects; a second call waits
   * for the first.
   */
  stop(options: StopOptions = {}): Promise<StopResult> {
    this.#stopped ??= this.#stop(options.deadline ?? this.config.engine.shutdownDeadlineMs);
    return this.#stopped;
  }

  async #stop(deadlineMs: number): Promise<StopResult> {
    this.#state = 'draining';
    this.log.info({ deadlineMs }, 'the engine drains');
    const deadline = this.#clock.now() + deadlineMs;
    // First, for it may go to this engine's own receiver.
    await this.#telemetry?.stop();
    const results = await Promise.all(this.#pipelines.map((pipeline) => pipeline.stop(deadline)));
    const givenUp = results.reduce((sum, result) => sum + result.givenUp, 0);
    this.#state = 'stopped';
    this.log.info({ givenUp, ...this.#totals() }, 'the engine stopped');
    return { givenUp };
  }

  /** What each node and extension counted, by `group/pipeline/name`. */
  #totals(): { nodes: Record<string, unknown>; extensions: Record<string, unknown> } {
    const pipelines = this.status().pipelines;
    return {
      nodes: Object.fromEntries(
        pipelines.flatMap(({ group, name, nodes }) =>
          nodes.map(({ id, counters }) => [`${group}/${name}/${id}`, counters]),
        ),
      ),
      extensions: Object.fromEntries(
        pipelines.flatMap(({ group, name, extensions }) =>
          extensions.map((extension) => [`${group}/${name}/${extension.name}`, totalsOf(extension)]),
        ),
      ),
    };
  }
}

/** The OpenTelemetry SDK is loaded by those alone who want telemetry: it takes as long as all the rest. */
async function startTelemetry(config: TelemetryConfig): Promise<EngineTelemetry> {
  const { EngineTelemetry } = await import('./telemetry.ts');
  return new EngineTelemetry(config);
}

/** The counters of all of an extension's component instances, added up. */
function totalsOf({ instances }: ExtensionStatus) {
  const totals = { calls: 0, faults: 0, restarts: 0, faultsByKind: {} as Record<string, number> };
  for (const { calls, faults, restarts, faultsByKind } of instances) {
    totals.calls += calls;
    totals.faults += faults;
    totals.restarts += restarts;
    for (const [kind, count] of Object.entries(faultsByKind)) {
      totals.faultsByKind[kind] = (totals.faultsByKind[kind] ?? 0) + count;
    }
  }
  return totals;
}
