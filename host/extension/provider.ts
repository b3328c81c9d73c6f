/**
 * An extension provider: what one `.wasm` file offers, read from its manifest and, for everything that
 * matters to safety, from the component itself. Nothing here runs the guest.
 *
 * How it lives follows from what it exports:
 * - `active`: a lifecycle and at least one capability;
 * - `passive`: capabilities alone;
 * - `background`: a lifecycle alone;
 * - `processor`: works on batches for a node that names it as its guest (with or without a lifecycle).
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { CapabilityContract } from '../capability/contract.ts';
import { capabilityContracts, ProcessorGuest } from '../capability/contracts.ts';
import type { Component } from '../component/component.ts';
import { describeComponent } from '../component/decode/describe.ts';
import { DecodeError, UnsupportedError } from '../component/errors.ts';
import { camelCase } from '../component/names.ts';
import { signature } from '../component/signature.ts';
import type { ComponentType, FunctionType, InstanceType } from '../component/types.ts';
import { WeirError } from '../errors.ts';
import { compileSandboxed } from '../sandbox/compile.ts';
import type { Grants } from '../sandbox/grants.ts';
import { checkImports, neededImports } from '../sandbox/imports.ts';
import { checkSize, type SandboxLimits } from '../sandbox/limits.ts';
import { extensionErrors } from './errors.ts';
import { guestText } from './guest-text.ts';
import { checkIntegrity, checkManifest, type Trust } from './integrity.ts';
import {
  CHECKPOINT,
  CONFIGURED,
  extensionExports,
  grantedServices,
  hostServices,
  LIFECYCLE,
  READINESS,
  TIMERS,
} from './interfaces.ts';
import { type InstancePolicy, type Manifest, readManifest } from './manifest.ts';
import { signersOf } from './signature.ts';

export type ExtensionKind = 'active' | 'passive' | 'background' | 'processor';

export interface ExtensionProvider {
  readonly byteLength: number;
  /** Undefined for a component that was not built as an extension of Weir; it may serve as one all the same. */
  readonly manifest: Manifest | undefined;
  readonly type: ComponentType;
  readonly kind: ExtensionKind;
  /** Names of the contracts that it provides, sorted; `processor` among them for a processor guest. */
  readonly provides: readonly string[];
  readonly hasLifecycle: boolean;
  readonly isConfigured: boolean;
  /** It exports a checkpoint. */
  readonly hasCheckpoint: boolean;
  /** It says itself when it is ready. */
  readonly signalsReady: boolean;
  readonly instances: InstancePolicy;
  /** Interfaces that it needs the host for, by full name, sorted. */
  readonly permissions: readonly string[];
  /** @throws WeirError `WEIR_SANDBOX_IMPORT_DENIED` naming what it imports and these grants do not give */
  checkGrants(grants: Grants): void;
  /** SHA-256 of the file, lower-case hexadecimal. */
  readonly sha256: string;
  /** Public keys with a good signature of it; which of them to trust is for `checkIntegrity`. */
  readonly signers: readonly string[];
  /** @throws WeirError `WEIR_EXTENSION_PIN`, `WEIR_EXTENSION_UNSIGNED` */
  checkIntegrity(sha256: string | undefined, trust: Trust): void;
  /** Compile it under limits; once in a process for the same bytes and limits. */
  compile(limits: SandboxLimits): Promise<Component>;
}

/** What a file must be to be let in, as far as its bytes tell. */
export interface Admission {
  /** Largest size, bytes. */
  readonly moduleBytes?: number;
}

/**
 * Read the provider in the file at `path`, and check that what it imports can be granted at all.
 * @throws WeirError `WEIR_EXTENSION_…`, `WEIR_SANDBOX_IMPORT_…`, `WEIR_SANDBOX_SIZE_LIMIT`; beside a missing file, the message leaves
 * it to the caller to say which component it is about
 */
export async function loadProvider(
  path: string,
  contracts: readonly CapabilityContract<unknown>[] = capabilityContracts,
  admission: Admission = {},
): Promise<ExtensionProvider> {
  const bytes = await readComponent(path, admission.moduleBytes);
  const provider = readProvider(bytes, contracts);
  checkImports(provider.type, hostServices);
  return provider;
}

async function readComponent(path: string, limit: number | undefined): Promise<Uint8Array> {
  try {
    // Before it is read: a file may be larger than memory.
    if (limit !== undefined) checkSize((await stat(path)).size, limit);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof WeirError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new WeirError(
      extensionErrors.WEIR_EXTENSION_FILE,
      missing ? `there is no file ${path}` : `${path} cannot be read: ${(cause as Error).message}`,
      { cause, hint: missing ? 'correct the path, or build the extension with `weir build`' : undefined },
    );
  }
}

/** What the component in `bytes` offers, whether or not its imports can be granted. @throws like `loadProvider` */
export function readProvider(
  bytes: Uint8Array,
  contracts: readonly CapabilityContract<unknown>[] = capabilityContracts,
): ExtensionProvider {
  const type = described(bytes);
  const manifest = readManifest(bytes);
  if (manifest !== undefined) checkManifest(manifest, type);
  const signers = signersOf(bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const interfaces = exportedInterfaces(type);
  for (const [name, functions] of Object.entries(extensionExports)) {
    const found = interfaces.get(name);
    if (found !== undefined) checkFunctions(name, found, camelKeys(functions));
  }
  const provides: string[] = [];
  for (const contract of [...contracts, ProcessorGuest]) {
    const found = interfaces.get(contract.interface);
    if (found === undefined) continue;
    checkFunctions(contract.interface, found, contract.functions);
    provides.push(contract.name);
  }
  const hasLifecycle = interfaces.has(LIFECYCLE);
  if (provides.length === 0 && !hasLifecycle) throw emptyError(interfaces, contracts);
  const permissions = neededImports(type);
  if (permissions.includes(TIMERS) && !hasLifecycle) {
    throw new WeirError(
      extensionErrors.WEIR_EXTENSION_TIMERS,
      `the component imports ${TIMERS} and does not export ${LIFECYCLE}, so no timer could ever call it`,
      { hint: `export ${LIFECYCLE}, or do without timers` },
    );
  }
  if (permissions.includes(READINESS) && !hasLifecycle) {
    throw new WeirError(
      extensionErrors.WEIR_EXTENSION_READINESS,
      `the component imports ${READINESS} and does not export ${LIFECYCLE}, so it is not started and has nothing to wait for`,
      { hint: `export ${LIFECYCLE}, or do without readiness` },
    );
  }
  const kind = kindOf(provides, hasLifecycle);
  const instances = manifest?.instances ?? 'per-pipeline';
  if (instances === 'per-consumer' && hasLifecycle) {
    throw new WeirError(
      extensionErrors.WEIR_EXTENSION_INSTANCES,
      `the component is ${kind} and its manifest says \`instances: per-consumer\`; with a lifecycle there is one instance for all consumers`,
      { hint: 'remove `instances` from its weir.yaml, or do without the lifecycle' },
    );
  }
  return {
    byteLength: bytes.byteLength,
    manifest,
    type,
    kind,
    provides: provides.sort(),
    hasLifecycle,
    isConfigured: interfaces.has(CONFIGURED),
    hasCheckpoint: interfaces.has(CHECKPOINT),
    signalsReady: permissions.includes(READINESS),
    instances,
    permissions,
    sha256,
    signers,
    checkIntegrity: (pin, trust) => checkIntegrity(sha256, signers, pin, trust),
    checkGrants: (grants) => checkImports(type, grantedServices(grants)),
    async compile(limits) {
      try {
        return await compileSandboxed(bytes, limits);
      } catch (error) {
        throw componentError(error);
      }
    },
  };
}

function described(bytes: Uint8Array): ComponentType {
  try {
    return describeComponent(bytes);
  } catch (error) {
    throw componentError(error);
  }
}

/** An error of host/component as one of an extension. */
function componentError(error: unknown): unknown {
  if (!(error instanceof DecodeError || error instanceof UnsupportedError)) return error;
  return new WeirError(extensionErrors.WEIR_EXTENSION_COMPONENT, guestText(error.message), {
    cause: error,
    hint: 'build the extension again with `weir build`',
  });
}

/** The interfaces that a component exports, by full name. */
export function exportedInterfaces(type: ComponentType): Map<string, InstanceType> {
  const found = new Map<string, InstanceType>();
  for (const { name, type: exported } of type.exports) {
    if (exported.kind === 'instance') found.set(name, exported);
  }
  return found;
}

/** The functions of an interface by camelCase name. */
export function functionsOf(type: InstanceType): Map<string, FunctionType> {
  const found = new Map<string, FunctionType>();
  for (const { name, type: member } of type.exports) {
    if (member.kind === 'func') found.set(camelCase(name), member);
  }
  return found;
}

function kindOf(provides: readonly string[], hasLifecycle: boolean): ExtensionKind {
  if (provides.includes(ProcessorGuest.name)) return 'processor';
  if (provides.length === 0) return 'background';
  return hasLifecycle ? 'active' : 'passive';
}

/** `wanted` maps camelCase names to types. */
function checkFunctions(name: string, type: InstanceType, wanted: Readonly<Record<string, string>>): void {
  const functions = functionsOf(type);
  for (const [method, expected] of Object.entries(wanted)) {
    const found = functions.get(method);
    const has = found === undefined ? undefined : signature(found);
    if (has === expected) continue;
    throw new WeirError(
      extensionErrors.WEIR_EXTENSION_CONTRACT,
      has === undefined
        ? `the component exports ${name} without \`${method}\`; expected \`${expected}\``
        : `the component exports ${name} with \`${method}\` as \`${has}\`; expected \`${expected}\``,
      { hint: 'build the component against the WIT that comes with this version of Weir' },
    );
  }
}

function camelKeys(functions: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(functions).map(([name, type]) => [camelCase(name), type]));
}

function emptyError(
  interfaces: ReadonlyMap<string, InstanceType>,
  contracts: readonly CapabilityContract<unknown>[],
): WeirError {
  const exported = [...interfaces.keys()].sort();
  const known = [LIFECYCLE, ProcessorGuest.interface, ...contracts.map((contract) => contract.interface)];
  const other = exported
    .map((name) => known.find((one) => one !== name && one.split('@')[0] === name.split('@')[0]))
    .find((one) => one !== undefined);
  return new WeirError(
    extensionErrors.WEIR_EXTENSION_EMPTY,
    `the component offers nothing that a pipeline can use: it exports ${exported.join(', ') || 'no interface'}`,
    {
      hint:
        other === undefined
          ? `export at least one of ${known.sort().join(', ')}`
          : `this version of Weir knows ${other}: build the component against it`,
    },
  );
}
