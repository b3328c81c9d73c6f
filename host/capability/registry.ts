/**
 * The registry of one pipeline: which provider stands behind which binding of which node. Built once
 * before the nodes are made, read while they are made, and never on the message path.
 *
 * It knows providers by the interface below alone; what an extension is, and how it lives, is
 * host/extension's. The four checks of a configuration's bindings are `resolution.ts`'s.
 */
import type { SourcePosition } from '../errors.ts';
import { WeirError } from '../errors.ts';
import type { Capabilities, CapabilityContract } from './contract.ts';
import { ProcessorGuest } from './contracts.ts';
import { capabilityErrors } from './errors.ts';
import { withFallbacks } from './fallback.ts';
import { type Binding, resolveBinding } from './resolution.ts';

/** Something that capabilities can be bound to: an extension of the pipeline. */
export interface CapabilityProvider {
  readonly name: string;
  /** Names of the contracts that it provides, the processor guest's among them. */
  readonly provides: readonly string[];
  /** The binding of `contract` for the node `consumer`. Called once for each claim. */
  bind<T>(contract: CapabilityContract<T>, consumer: string): T;
}

/** What a node's configuration binds to one capability. */
export interface NodeBinding {
  readonly extension: string;
  readonly position: SourcePosition;
  /** Extensions that calls go to while those before them are down, in this order. */
  readonly fallbacks?: readonly { readonly extension: string; readonly position: SourcePosition }[];
}

/** What a node's configuration binds: the parts of `NodeConfig` that matter here. */
export interface BindingNode {
  readonly name: string;
  readonly position: SourcePosition;
  readonly capabilities: ReadonlyMap<string, NodeBinding>;
  readonly guest: { readonly extension: string; readonly position: SourcePosition } | undefined;
}

export class CapabilityRegistry {
  readonly #providers: ReadonlyMap<string, CapabilityProvider>;
  readonly #contracts: readonly CapabilityContract<unknown>[];
  readonly #unreadable: ReadonlySet<string>;

  /**
   * `contracts` are those that a node's `capabilities:` may name. `unreadable` names extensions that
   * are declared but whose component could not be read: bindings to them are not judged.
   */
  constructor(
    providers: Iterable<CapabilityProvider>,
    contracts: readonly CapabilityContract<unknown>[],
    unreadable: ReadonlySet<string> = new Set(),
  ) {
    this.#unreadable = unreadable;
    this.#providers = new Map([...providers].map((provider) => [provider.name, provider]));
    this.#contracts = contracts;
  }

  /** What is wrong with the bindings of `node`, sorted by capability; empty when all resolve. */
  check(node: BindingNode): WeirError[] {
    const extensions = new Map<string, readonly string[] | undefined>();
    for (const [name, { provides }] of this.#providers) extensions.set(name, provides);
    for (const name of this.#unreadable) extensions.set(name, undefined);
    const failed = (
      wish: Binding,
      position: SourcePosition,
      contracts: readonly CapabilityContract<unknown>[],
    ): WeirError[] => {
      const error = resolveBinding(wish, { extensions, contracts });
      if (error === undefined) return [];
      const message = `node \`${node.name}\`: ${error.message}`;
      return [new WeirError(error.code, message, { position, hint: error.hint })];
    };
    const errors = [...node.capabilities]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([capability, binding]) =>
        extensionsOf(binding).flatMap(({ extension, position }) =>
          failed({ capability, extension }, position, this.#contracts),
        ),
      );
    if (node.guest !== undefined) {
      const { extension, position } = node.guest;
      errors.push(...failed({ capability: ProcessorGuest.name, extension }, position, [ProcessorGuest]));
    }
    return errors;
  }

  /** The handle with which `node` claims what its configuration binds. `check` has found nothing wrong. */
  capabilitiesFor(node: BindingNode): Capabilities {
    const bound = new Map<string, readonly CapabilityProvider[]>();
    const provider = ({ extension }: { extension: string }) => this.#providers.get(extension)!;
    for (const [capability, binding] of node.capabilities) {
      bound.set(capability, extensionsOf(binding).map(provider));
    }
    if (node.guest !== undefined) bound.set(ProcessorGuest.name, [provider(node.guest)]);
    return new NodeCapabilities(node, bound);
  }
}

/** The extension and its fallbacks. */
export function extensionsOf(binding: NodeBinding): readonly Omit<NodeBinding, 'fallbacks'>[] {
  return [binding, ...(binding.fallbacks ?? [])];
}

class NodeCapabilities implements Capabilities {
  readonly #node: BindingNode;
  readonly #bound: ReadonlyMap<string, readonly CapabilityProvider[]>;
  readonly #claimed = new Set<string>();

  constructor(node: BindingNode, bound: ReadonlyMap<string, readonly CapabilityProvider[]>) {
    this.#node = node;
    this.#bound = bound;
  }

  require<T>(contract: CapabilityContract<T>): T {
    const binding = this.optional(contract);
    if (binding !== undefined) return binding;
    const isGuest = contract.name === ProcessorGuest.name;
    throw new WeirError(
      capabilityErrors.WEIR_CAPABILITY_NOT_BOUND,
      `node \`${this.#node.name}\` requires ${isGuest ? 'a processor guest' : `the capability \`${contract.name}\``}, which its configuration does not bind`,
      {
        position: this.#node.position,
        hint: isGuest
          ? 'name one: `guest: EXTENSION`'
          : `bind it: \`capabilities: { ${contract.name}: EXTENSION }\``,
      },
    );
  }

  optional<T>(contract: CapabilityContract<T>): T | undefined {
    const providers = this.#bound.get(contract.name);
    if (providers === undefined) return undefined;
    if (this.#claimed.has(contract.name)) {
      throw new WeirError(
        capabilityErrors.WEIR_CAPABILITY_ALREADY_CLAIMED,
        `node \`${this.#node.name}\` claimed the capability \`${contract.name}\` twice`,
        { position: this.#node.position, hint: 'claim it once and hold on to the binding' },
      );
    }
    this.#claimed.add(contract.name);
    return withFallbacks(
      contract,
      providers.map((provider) => provider.bind(contract, this.#node.name)),
    );
  }
}
