/**
 * The extensions of one pipeline, in the order in which its life needs them:
 *
 * 1. `preparePipelineExtensions`: read and compile every provider, resolve every binding; all errors at once.
 * 2. `capabilitiesFor(node)`, for each node while it is made: the node claims what it binds.
 * 3. `start()`: before any node runs. What nobody claimed is reported and never started.
 * 4. `stop(reason)`: after every node has drained.
 */
import type { Capabilities, CapabilityContract } from '../capability/contract.ts';
import { capabilityContracts } from '../capability/contracts.ts';
import { type BindingNode, CapabilityRegistry, extensionsOf } from '../capability/registry.ts';
import type { ExtensionConfig } from '../config/model.ts';
import { type SourcePosition, WeirError } from '../errors.ts';
import { extensionErrors } from './errors.ts';
import { type ExtensionHost, ExtensionInstance } from './instance.ts';
import { NO_TRUST, type Trust } from './integrity.ts';
import type { StopReason } from './interfaces.ts';
import { loadProvider } from './provider.ts';
import type { ExtensionStatus } from './status.ts';

export interface PipelineExtensionsOptions extends ExtensionHost {
  readonly extensions: readonly ExtensionConfig[];
  /** Every node of the pipeline, for what it binds. */
  readonly nodes: readonly BindingNode[];
  /** What a node's `capabilities:` may name; the contracts of `wit/capability` unless given. */
  readonly contracts?: readonly CapabilityContract<unknown>[];
  /** Whose signatures count; none are asked for unless given. */
  readonly trust?: Trust;
}

/** Several things are wrong; `errors` holds them, each with its position where it has one. */
export class PipelineExtensionsError extends WeirError {
  readonly errors: readonly WeirError[];

  constructor(errors: readonly WeirError[]) {
    super(
      extensionErrors.WEIR_EXTENSION_PIPELINE,
      `the extensions of the pipeline cannot be prepared:\n${errors.map((error) => `- ${error.message}`).join('\n')}`,
    );
    this.errors = errors;
  }
}

/** @throws PipelineExtensionsError with everything that is wrong */
export async function preparePipelineExtensions(
  options: PipelineExtensionsOptions,
): Promise<PipelineExtensions> {
  const contracts = options.contracts ?? capabilityContracts;
  const errors: WeirError[] = [];
  const instances: ExtensionInstance[] = [];
  const unreadable = new Set<string>();
  for (const config of options.extensions) {
    try {
      const provider = await loadProvider(config.wasm, contracts, config.limits);
      provider.checkIntegrity(config.sha256, options.trust ?? NO_TRUST);
      provider.checkGrants(config.grants);
      const component = await provider.compile(config.limits);
      instances.push(new ExtensionInstance(config, provider, component, options));
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      unreadable.add(config.name);
      errors.push(
        placed(`extension \`${config.name}\` (${config.wasm}): ${error.message}`, error, config.position),
      );
    }
  }
  const registry = new CapabilityRegistry(instances, contracts, unreadable);
  errors.push(...options.nodes.flatMap((node) => registry.check(node)));
  if (errors.length > 0) throw new PipelineExtensionsError(errors);
  return new PipelineExtensions(options, registry, instances);
}

export class PipelineExtensions {
  readonly #options: PipelineExtensionsOptions;
  readonly #registry: CapabilityRegistry;
  readonly #instances: readonly ExtensionInstance[];
  #started: ExtensionInstance[] = [];

  constructor(
    options: PipelineExtensionsOptions,
    registry: CapabilityRegistry,
    instances: readonly ExtensionInstance[],
  ) {
    this.#options = options;
    this.#registry = registry;
    this.#instances = instances;
  }

  /** The handle for a node's context. Call it once for each node. */
  capabilitiesFor(node: BindingNode): Capabilities {
    return this.#registry.capabilitiesFor(node);
  }

  /**
   * Start every extension that a node claimed, and background ones, in the order of the configuration; then
   * wait until all are ready, each in its own time. The first that fails ends it.
   * @throws WeirError `WEIR_EXTENSION_START` with the extension's position; those started before are stopped again
   */
  async start(): Promise<void> {
    let starting: ExtensionInstance | undefined;
    try {
      for (const instance of this.#instances) {
        if (!instance.needed) {
          this.#reportUnclaimed(instance);
          continue;
        }
        starting = instance;
        instance.start();
        this.#started.push(instance);
      }
      await Promise.all(
        this.#started.map((instance) =>
          instance.ready().catch((error: unknown) => {
            starting = instance;
            throw error;
          }),
        ),
      );
    } catch (error) {
      const { name } = starting!;
      await this.stop('shutdown');
      if (!(error instanceof WeirError)) throw error;
      const { position } = this.#options.extensions.find((extension) => extension.name === name)!;
      throw placed(error.message, error, position);
    }
  }

  /** Stop what was started, last started first. */
  async stop(reason: StopReason): Promise<void> {
    const started = this.#started.reverse();
    this.#started = [];
    for (const instance of started) instance.stop(reason);
  }

  /** In the order of the configuration. */
  status(): ExtensionStatus[] {
    return this.#instances.map((instance) => instance.status());
  }

  #reportUnclaimed({ name }: ExtensionInstance): void {
    const binders = this.#options.nodes
      .filter(
        (node) =>
          node.guest?.extension === name ||
          [...node.capabilities.values()].some((binding) =>
            extensionsOf(binding).some(({ extension }) => extension === name),
          ),
      )
      .map((node) => node.name);
    this.#options.log.warn(
      { extension: name },
      binders.length === 0
        ? `extension \`${name}\` is bound by no node and is not started`
        : `extension \`${name}\` is bound by ${binders.join(', ')}, which did not claim it, and is not started`,
    );
  }
}

function placed(message: string, error: WeirError, position: SourcePosition): WeirError {
  return new WeirError(error.code, message, { position, hint: error.hint, cause: error.cause ?? error });
}
