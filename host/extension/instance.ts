/**
 * An extension instance: a provider, configured by one entry under `extensions:`. It owns one component
 * instance, shared by all consumers, or one for each of them, as its provider's instance policy says.
 */
import type { Logger } from 'pino';
import type { CapabilityContract } from '../capability/contract.ts';
import type { CapabilityProvider } from '../capability/registry.ts';
import type { Clock } from '../clock.ts';
import type { Component } from '../component/component.ts';
import type { LimitsConfig, SupervisionConfig } from '../config/model.ts';
import { type Grants, NO_GRANTS } from '../sandbox/grants.ts';
import type { InstanceBudget } from './instance-budget.ts';
import type { StopReason } from './interfaces.ts';
import type { ExtensionProvider } from './provider.ts';
import type { ExtensionEvent, ExtensionStatus } from './status.ts';
import { Supervisor } from './supervisor.ts';

/** What an extension instance needs of its surroundings. */
export interface ExtensionHost {
  readonly clock: Clock;
  readonly log: Logger;
  /** The pipeline that it belongs to, for faults to tell. */
  readonly pipeline?: string;
  /** Answers numbers in [0, 1), for jitter; `Math.random` unless given. */
  readonly random?: () => number;
  /** Counts the component instances of everything that shares it; they are not counted unless given. */
  readonly budget?: InstanceBudget;
  readonly onEvent?: (event: ExtensionEvent) => void;
}

/** The parts of `ExtensionConfig` that an instance runs by. */
export interface InstanceConfig {
  readonly name: string;
  readonly config: unknown;
  readonly limits: LimitsConfig;
  /** Nothing is granted unless given. */
  readonly grants?: Grants;
  readonly supervision: SupervisionConfig;
}

export class ExtensionInstance implements CapabilityProvider {
  readonly name: string;
  readonly provides: readonly string[];
  readonly provider: ExtensionProvider;
  readonly #component: Component;
  readonly #config: InstanceConfig;
  readonly #host: ExtensionHost;
  readonly #consumers: string[] = [];
  /** By consumer, or one under `undefined` for all of them. */
  readonly #supervisors = new Map<string | undefined, Supervisor>();

  /** `component` is the provider's, compiled under the limits of `config`. */
  constructor(
    config: InstanceConfig,
    provider: ExtensionProvider,
    component: Component,
    host: ExtensionHost,
  ) {
    this.name = config.name;
    this.provides = provider.provides;
    this.provider = provider;
    this.#component = component;
    this.#config = config;
    this.#host = host;
    if (provider.kind === 'background') this.#supervisor(undefined);
  }

  /** False for an extension that no node claimed, which is never started. Background ones always are. */
  get needed(): boolean {
    return this.#supervisors.size > 0;
  }

  bind<T>(contract: CapabilityContract<T>, consumer: string): T {
    if (!this.#consumers.includes(consumer)) this.#consumers.push(consumer);
    const owner = this.provider.instances === 'per-consumer' ? consumer : undefined;
    return this.#supervisor(owner).bind(contract);
  }

  /** Start what was claimed. @throws WeirError `WEIR_EXTENSION_START`; what had started is then stopped again. */
  start(): void {
    try {
      for (const supervisor of this.#supervisors.values()) supervisor.start();
    } catch (error) {
      this.stop('shutdown');
      throw error;
    }
  }

  /** Settles when what was started is ready. @throws WeirError `WEIR_EXTENSION_START` at the first that never will be */
  async ready(): Promise<void> {
    await Promise.all([...this.#supervisors.values()].map((supervisor) => supervisor.ready()));
  }

  stop(reason: StopReason): void {
    for (const supervisor of this.#supervisors.values()) supervisor.stop(reason);
  }

  status(): ExtensionStatus {
    const { manifest, kind, instances } = this.provider;
    return {
      name: this.name,
      urn: manifest?.urn,
      version: manifest?.version,
      kind,
      policy: instances,
      provides: this.provides,
      consumers: [...this.#consumers],
      instances: [...this.#supervisors.values()].map((supervisor) => supervisor.status()),
    };
  }

  #supervisor(consumer: string | undefined): Supervisor {
    let supervisor = this.#supervisors.get(consumer);
    if (supervisor === undefined) {
      const { isConfigured, hasLifecycle, hasCheckpoint, signalsReady } = this.provider;
      const { config, limits, grants = NO_GRANTS, supervision } = this.#config;
      const { clock, log, pipeline, random = Math.random, budget, onEvent } = this.#host;
      supervisor = new Supervisor({
        extension: this.name,
        consumer,
        pipeline,
        component: this.#component,
        isConfigured,
        hasLifecycle,
        hasCheckpoint,
        signalsReady,
        config,
        limits,
        grants,
        budget,
        supervision,
        clock,
        random,
        log,
        onEvent,
      });
      this.#supervisors.set(consumer, supervisor);
    }
    return supervisor;
  }
}
