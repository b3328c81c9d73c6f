/**
 * Resolution: does the extension that a node names for a capability provide it? Pure functions over
 * names, so that a configuration can be checked without starting anything; nothing here loads a component.
 *
 * Four checks in order, of which the first that fails is told, each with a code of its own:
 * 1. the extension exists in this pipeline;
 * 2. the capability is one that the engine knows;
 * 3. some extension of this pipeline provides it;
 * 4. this extension provides it.
 */
import type { ErrorCode } from '../errors.ts';
import { suggest } from '../suggestion.ts';
import type { CapabilityContract } from './contract.ts';
import { capabilityErrors } from './errors.ts';

/** A node's wish: `capability` from `extension`, both by the name that the configuration uses. */
export interface Binding {
  readonly capability: string;
  readonly extension: string;
}

export interface ResolutionScope {
  /** What each extension of the pipeline provides, by contract name; undefined when its component could not be read. */
  readonly extensions: ReadonlyMap<string, readonly string[] | undefined>;
  readonly contracts: readonly CapabilityContract<unknown>[];
}

export interface ResolutionError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  /** Which of the binding's two names the error is about. */
  readonly about: keyof Binding;
}

/** What is wrong with `binding`, or undefined when it resolves (or cannot be told, its component being unreadable). */
export function resolveBinding(binding: Binding, scope: ResolutionScope): ResolutionError | undefined {
  const { capability, extension } = binding;
  if (!scope.extensions.has(extension)) {
    return {
      code: capabilityErrors.WEIR_CAPABILITY_UNKNOWN_EXTENSION,
      message: `no extension of this pipeline is named \`${extension}\``,
      hint: suggest(extension, [...scope.extensions.keys()], 'extensions of this pipeline'),
      about: 'extension',
    };
  }
  const known = scope.contracts.map((contract) => contract.name).sort();
  if (!known.includes(capability)) {
    return {
      code: capabilityErrors.WEIR_CAPABILITY_UNKNOWN,
      message: `there is no capability \`${capability}\`; known ones: ${known.join(', ')}`,
      hint: suggest(capability, known, 'use one of these'),
      about: 'capability',
    };
  }
  const provided = scope.extensions.get(extension);
  if (provided === undefined || provided.includes(capability)) return undefined;
  const providers = providersOf(capability, scope);
  if (providers.length > 0) {
    return {
      code: capabilityErrors.WEIR_CAPABILITY_NOT_PROVIDED_HERE,
      message: `the extension \`${extension}\` does not provide \`${capability}\`; it provides ${list(provided)}`,
      hint: `bind it to an extension that does: ${providers.join(', ')}`,
      about: 'extension',
    };
  }
  // An extension that could not be read might be the provider; its own error is reported already.
  if ([...scope.extensions.values()].includes(undefined)) return undefined;
  return {
    code: capabilityErrors.WEIR_CAPABILITY_NOT_PROVIDED,
    message: `no extension of this pipeline provides \`${capability}\``,
    hint: `declare one under \`extensions:\`; \`${extension}\` provides ${list(provided)}`,
    about: 'capability',
  };
}

/** The names of the extensions that provide `capability`, sorted. */
export function providersOf(capability: string, scope: ResolutionScope): string[] {
  return [...scope.extensions]
    .filter(([, provided]) => provided?.includes(capability))
    .map(([name]) => name)
    .sort();
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : [...names].sort().join(', ');
}
