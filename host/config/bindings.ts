/**
 * Nodes and the extensions that they use: every component is looked at once, every binding is resolved,
 * and every extension's `config` is held against the schema that its component brings along.
 */
import { stat } from 'node:fs/promises';
import type { CapabilityContract } from '../capability/contract.ts';
import { ProcessorGuest } from '../capability/contracts.ts';
import { providersOf, type ResolutionScope, resolveBinding } from '../capability/resolution.ts';
import type { ErrorCode } from '../errors.ts';
import { configErrors } from './errors.ts';
import { checkGuestConfig } from './guest-schema.ts';
import { DEFAULT_LIMITS, type GrantsConfig, type TrustConfig } from './model.ts';
import type { BindingDraft, ExtensionDraft, NodeDraft, PipelineDraft } from './pipeline.ts';
import type { Report } from './report.ts';
import { fieldOrEmpty } from './section.ts';
import { fileProblems } from './substitution.ts';

/** What a component says about itself, as far as a configuration is concerned. */
export interface ProviderFacts {
  /** The contracts that it provides, by name; `processor` if it is a processor guest. */
  readonly provides: readonly string[];
  /** Whether it takes configuration at all, by exporting `weir:extension/configured`. */
  readonly isConfigured: boolean;
  /** @throws an error with a `code` when it imports what these grants do not give */
  readonly checkGrants?: (grants: GrantsConfig) => void;
  /** @throws an error with a `code` when it is not the component that is meant */
  readonly checkIntegrity?: (sha256: string | undefined, trust: TrustConfig) => void;
  /** Its manifest, if it has one. `config` is a JSON Schema; without it the extension takes no configuration. */
  readonly manifest: { readonly config?: Readonly<Record<string, unknown>> | undefined } | undefined;
}

/**
 * Look into the component at an absolute path. Rejects with an error that has a `code` when it is not a
 * component, or is one that cannot be an extension, or is larger than `limits` allow.
 */
export type DescribeProvider = (
  wasm: string,
  limits: { readonly moduleBytes: number },
) => Promise<ProviderFacts>;

interface ProviderProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
}

export type Providers = ReadonlyMap<string, ProviderFacts | ProviderProblem | undefined>;

/** Look at each distinct component once. Undefined stands for a component that nobody looked into. */
export async function lookAtProviders(
  pipelines: readonly PipelineDraft[],
  describe: DescribeProvider | undefined,
): Promise<Providers> {
  /** With the largest size that one of its extensions allows. */
  const paths = new Map<string, number>();
  for (const { extensions } of pipelines) {
    for (const { wasm, config } of extensions.values()) {
      const { moduleBytes } = config?.limits ?? DEFAULT_LIMITS;
      if (wasm !== undefined) paths.set(wasm, Math.max(moduleBytes, paths.get(wasm) ?? 0));
    }
  }
  return new Map(
    await Promise.all(
      [...paths].map(
        async ([path, moduleBytes]) => [path, await lookAt(path, moduleBytes, describe)] as const,
      ),
    ),
  );
}

async function lookAt(
  wasm: string,
  moduleBytes: number,
  describe: DescribeProvider | undefined,
): Promise<ProviderFacts | ProviderProblem | undefined> {
  try {
    if (!(await stat(wasm)).isFile()) throw Object.assign(new TypeError(), { code: 'EISDIR' });
  } catch (error) {
    const why = fileProblems[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;
    return {
      code: configErrors.WEIR_CONFIG_FILE,
      message: `the component ${wasm} cannot be read: ${why}`,
      hint: "paths are relative to the configuration's folder; `weir build <folder>` makes a component from source",
    };
  }
  try {
    return await describe?.(wasm, { moduleBytes });
  } catch (error) {
    const problem = asProblem(error);
    return { ...problem, message: `the component ${wasm} cannot be used: ${problem.message}` };
  }
}

/** What `check` throws, if it does. */
function problemOf(check: () => void): ProviderProblem | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return asProblem(error);
  }
}

/** An error of the area that looked into a component. Anything else is thrown again. */
function asProblem(error: unknown): ProviderProblem {
  const { code, message, hint } = error as { code?: ErrorCode; message: string; hint?: string };
  if (!code?.startsWith('WEIR_')) throw error;
  return { code, message, hint };
}

/** Check everything of one pipeline that concerns extensions. */
export function checkBindings(
  pipeline: PipelineDraft,
  providers: Providers,
  contracts: readonly CapabilityContract<unknown>[],
  /** Whose signatures count; unknown where the section `engine` is broken. */
  trust: TrustConfig | undefined,
  report: Report,
): void {
  const provides = new Map<string, readonly string[] | undefined>();
  for (const [name, extension] of pipeline.extensions) {
    provides.set(name, checkExtension(name, extension, providers, trust, report)?.provides);
  }
  const scope: ResolutionScope = { extensions: provides, contracts };
  for (const [name, node] of pipeline.nodes) checkNode(name, node, scope, report);
}

function checkExtension(
  name: string,
  extension: ExtensionDraft,
  providers: Providers,
  trust: TrustConfig | undefined,
  report: Report,
): ProviderFacts | undefined {
  const facts = extension.wasm === undefined ? undefined : providers.get(extension.wasm);
  if (facts === undefined) return undefined;
  if ('code' in facts) {
    report.value(
      facts.code,
      extension.entry.fields?.get('wasm') ?? extension.entry,
      facts.message,
      facts.hint,
    );
    return undefined;
  }
  const { config: read } = extension;
  const other = read && trust && problemOf(() => facts.checkIntegrity?.(read.sha256, trust));
  if (other !== undefined) {
    const { fields } = extension.entry;
    const entry = fields?.get(other.code === 'WEIR_EXTENSION_PIN' ? 'sha256' : 'wasm') ?? extension.entry;
    report.value(other.code, entry, `the extension \`${name}\` cannot be used: ${other.message}`, other.hint);
  }
  const denied = read && problemOf(() => facts.checkGrants?.(read.grants));
  if (denied !== undefined) {
    const entry = extension.entry.fields?.get('grants') ?? extension.entry;
    report.key(denied.code, entry, `the extension \`${name}\` cannot start: ${denied.message}`, denied.hint);
  }
  const config = fieldOrEmpty(extension.entry, 'config');
  const schema = facts.manifest?.config;
  const takesNone = !facts.isConfigured || (facts.manifest !== undefined && schema === undefined);
  if (takesNone && (config.fields?.size ?? 0) > 0) {
    report.key(
      configErrors.WEIR_CONFIG_UNKNOWN_KEY,
      config,
      `the extension \`${name}\` takes no configuration`,
      'leave `config` out',
    );
  } else if (schema !== undefined) {
    const checked = checkGuestConfig(schema, config, report, `extensions.${name}.config`);
    if (checked !== undefined && extension.config !== undefined) {
      extension.config = { ...extension.config, config: checked };
    }
  }
  return facts;
}

function checkNode(name: string, node: NodeDraft, scope: ResolutionScope, report: Report): void {
  const used = node.type?.capabilities.map(({ contract }) => contract.name).sort();
  const byCapability = Map.groupBy(node.capabilities, ({ capability }) => capability);
  for (const [capability, bindings] of [...byCapability].sort(([a], [b]) => a.localeCompare(b))) {
    checkCapability(name, node, capability, bindings, used, scope, report);
  }
  for (const { contract, required } of node.type?.capabilities ?? []) {
    if (!required || node.entry.fields?.get('capabilities')?.fields?.has(contract.name)) continue;
    const [provider = '<extension>'] = providersOf(contract.name, scope);
    report.key(
      configErrors.WEIR_CONFIG_MISSING_CAPABILITY,
      node.entry,
      `the node \`${name}\` (${node.type!.type}) needs the capability \`${contract.name}\``,
      `add \`capabilities: { ${contract.name}: ${provider} }\``,
    );
  }
  checkGuest(name, node, scope, report);
}

/** `bindings` are those of one capability: an extension and its fallbacks. */
function checkCapability(
  name: string,
  node: NodeDraft,
  capability: string,
  bindings: readonly BindingDraft[],
  used: readonly string[] | undefined,
  scope: ResolutionScope,
  report: Report,
): void {
  const { holder } = bindings[0]!;
  const known = scope.contracts.some((contract) => contract.name === capability);
  if (known && used !== undefined && !used.includes(capability)) {
    const message = `the node \`${name}\` (${node.type!.type}) does not use the capability \`${capability}\``;
    const hint =
      used.length === 0 ? 'leave it out: nodes of this type use none' : `it uses: ${used.join(', ')}`;
    report.key(configErrors.WEIR_CONFIG_UNUSED_CAPABILITY, holder, message, hint);
    return;
  }
  const seen = new Set<string>();
  for (const binding of bindings) {
    const { extension, entry } = binding;
    if (seen.has(extension)) {
      const message = `the node \`${name}\` names \`${extension}\` twice for the capability \`${capability}\``;
      report.value(configErrors.WEIR_CONFIG_VALUE, entry, message, 'name each extension of the list once');
      continue;
    }
    seen.add(extension);
    const error = resolveBinding(binding, scope);
    if (error === undefined) continue;
    if (error.about === 'extension') {
      report.value(error.code, entry, error.message, error.hint);
      continue;
    }
    // About the capability, and so the same for every extension of the list.
    const hint =
      capability === ProcessorGuest.name ? 'name a processor guest by `guest:`, beside `type`' : error.hint;
    report.key(error.code, holder, error.message, hint);
    return;
  }
}

function checkGuest(name: string, node: NodeDraft, scope: ResolutionScope, report: Report): void {
  if (node.type === undefined) return;
  const written = node.entry.fields?.get('guest');
  if (!node.type.takesGuest) {
    if (written === undefined) return;
    const message = `the node \`${name}\` (${node.type.type}) takes no guest`;
    report.key(
      configErrors.WEIR_CONFIG_GUEST,
      written,
      message,
      'leave it out, or make the node a `processor:wasm`',
    );
  } else if (written === undefined) {
    const [provider = '<extension>'] = providersOf(ProcessorGuest.name, scope);
    const message = `the node \`${name}\` (${node.type.type}) needs a guest: the extension that does its work`;
    report.key(configErrors.WEIR_CONFIG_GUEST, node.entry, message, `add \`guest: ${provider}\``);
  } else if (node.guest !== undefined) {
    const error = resolveBinding(node.guest, { ...scope, contracts: [ProcessorGuest] });
    if (error !== undefined) report.value(error.code, written, error.message, error.hint);
  }
}
