/** Is this the component that the operator means: by its digest, by who signed it, and by what it says of itself. */
import type { ComponentType, Extern } from '../component/types.ts';
import { WeirError } from '../errors.ts';
import { extensionErrors } from './errors.ts';
import type { Manifest } from './manifest.ts';

/** Whose signatures count. */
export interface Trust {
  /** Public keys as `publicKeyPattern` has them. */
  readonly keys: readonly string[];
  /** Components that none of them signed are refused. */
  readonly required: boolean;
}

export const NO_TRUST: Trust = { keys: [], required: false };

/**
 * `digest` is the component's SHA-256, `sha256` the one that the configuration asks for, if any; `signers` are the keys with good signatures.
 * @throws WeirError `WEIR_EXTENSION_PIN`, `WEIR_EXTENSION_UNSIGNED`
 */
export function checkIntegrity(
  digest: string,
  signers: readonly string[],
  sha256: string | undefined,
  trust: Trust,
): void {
  if (sha256 !== undefined && sha256.toLowerCase() !== digest) {
    throw new WeirError(
      extensionErrors.WEIR_EXTENSION_PIN,
      `the component has the SHA-256 ${digest}; expected ${sha256}`,
      { hint: 'if the new component is the one that you mean, write its `sha256`' },
    );
  }
  if (!trust.required || signers.some((signer) => trust.keys.includes(signer))) return;
  throw new WeirError(
    extensionErrors.WEIR_EXTENSION_UNSIGNED,
    signers.length === 0
      ? 'the component is not signed, and `engine.require_signature` is set'
      : `the component is signed with ${signers.join(', ')}, which is not among \`engine.trusted_keys\``,
    { hint: 'sign it with `weir sign`, or add the key of whoever signed it to `engine.trusted_keys`' },
  );
}

/**
 * A manifest and its component say the same about interfaces: what a person reads in the one is what the other does.
 * @throws WeirError `WEIR_EXTENSION_MANIFEST_MISMATCH`
 */
export function checkManifest(manifest: Manifest, type: ComponentType): void {
  const problems = [
    ...disagreements('export', manifest.exports, type.exports),
    ...disagreements('import', manifest.imports, type.imports),
  ];
  if (problems.length === 0) return;
  throw new WeirError(
    extensionErrors.WEIR_EXTENSION_MANIFEST_MISMATCH,
    `the manifest and its component disagree: ${problems.join('; ')}`,
    { hint: 'build the extension again with `weir build`' },
  );
}

function disagreements(
  what: 'export' | 'import',
  claimed: readonly string[],
  real: readonly Extern[],
): string[] {
  const names = new Set(real.map(({ name }) => name));
  return [
    ...claimed
      .filter((name) => !names.has(name))
      .map((name) => `it says that it ${what}s ${name}, and does not`),
    ...real
      .filter((extern) => hasFunctions(extern) && !claimed.includes(extern.name))
      .map(({ name }) => `it ${what}s ${name}, and does not say so`),
  ];
}

/** Interfaces of plain types alone need not be named. */
function hasFunctions({ type }: Extern): boolean {
  return type.kind === 'instance' ? type.exports.some(hasFunctions) : type.kind === 'func';
}
