/** One supervised extension with no pipeline around it, for programs that embed the runtime. */
import { isAbsolute } from 'node:path';
import { type Logger, pino } from 'pino';
import type { Capabilities, CapabilityContract } from '../capability/contract.ts';
import { capabilityContracts, ProcessorGuest } from '../capability/contracts.ts';
import { capabilityErrors } from '../capability/errors.ts';
import { systemClock } from '../clock.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_SUPERVISION,
  type LimitsConfig,
  type SupervisionConfig,
} from '../config/model.ts';
import { WeirError } from '../errors.ts';
import { parseOrigin } from '../origin.ts';
import { type FolderGrant, type Grants, NO_GRANTS } from '../sandbox/grants.ts';
import { suggest } from '../suggestion.ts';
import { extensionErrors } from './errors.ts';
import { ExtensionInstance } from './instance.ts';
import { loadProvider } from './provider.ts';
import type { ExtensionEvent, ExtensionStatus } from './status.ts';

type DeepPartial<T> = { readonly [K in keyof T]?: T[K] extends object ? DeepPartial<T[K]> : T[K] };

export interface LoadExtensionOptions {
  /** Handed to the extension's `configure` as JSON. */
  readonly config?: unknown;
  readonly limits?: Partial<LimitsConfig>;
  /** What it may do beyond computing, logging, clocks and timers; nothing unless given. */
  readonly grants?: Partial<Grants>;
  readonly supervision?: DeepPartial<SupervisionConfig>;
  /** Where the extension's and the supervisor's lines go; nowhere unless given. */
  readonly log?: Logger;
  /** Contracts of your own, beside those of `wit/capability`. */
  readonly contracts?: readonly CapabilityContract<unknown>[];
  readonly onEvent?: (event: ExtensionEvent) => void;
  /** The SHA-256 that the file must have, in hexadecimal. */
  readonly sha256?: string;
  /** Public keys (`ed25519:…`), one of which must have signed the file. */
  readonly trustedKeys?: readonly string[];
}

/** A running extension. Unlike a node, its holder may ask for a capability as often as it likes. */
export interface LoadedExtension extends Capabilities {
  /** @throws WeirError `WEIR_CAPABILITY_NOT_BOUND` when the extension does not provide `contract` */
  require<T>(contract: CapabilityContract<T>): T;
  status(): ExtensionStatus;
  stop(): void;
}

/**
 * Load, start and supervise the extension in the file at `path`.
 * @throws WeirError `WEIR_EXTENSION_…`, `WEIR_SANDBOX_…`
 */
export async function loadExtension(
  path: string,
  options: LoadExtensionOptions = {},
): Promise<LoadedExtension> {
  const contracts = [...capabilityContracts, ...(options.contracts ?? [])];
  const limits = numbers('limits', DEFAULT_LIMITS, options.limits);
  const supervision = numbers('supervision', DEFAULT_SUPERVISION, options.supervision);
  checkConfig(options.config);
  const grants = grantsOf(options.grants);
  const provider = await loadProvider(path, contracts, limits);
  const { sha256, trustedKeys } = options;
  provider.checkIntegrity(sha256, { keys: trustedKeys ?? [], required: trustedKeys !== undefined });
  provider.checkGrants(grants);
  const instance = new ExtensionInstance(
    { name: provider.manifest?.urn ?? path, config: options.config, limits, grants, supervision },
    provider,
    await provider.compile(limits),
    { clock: systemClock, log: options.log ?? pino({ enabled: false }), onEvent: options.onEvent },
  );
  const bindings = new Map<string, unknown>();
  for (const contract of [...contracts, ProcessorGuest]) {
    if (provider.provides.includes(contract.name)) {
      bindings.set(contract.name, instance.bind(contract, 'host'));
    }
  }
  instance.start();
  try {
    await instance.ready();
  } catch (error) {
    instance.stop('shutdown');
    throw error;
  }
  const optional = <T>(contract: CapabilityContract<T>) => bindings.get(contract.name) as T | undefined;
  return {
    optional,
    require(contract) {
      const binding = optional(contract);
      if (binding !== undefined) return binding;
      throw new WeirError(
        capabilityErrors.WEIR_CAPABILITY_NOT_BOUND,
        `${path} does not provide \`${contract.name}\`; it provides ${provider.provides.join(', ') || 'no capability'}`,
      );
    },
    status: () => instance.status(),
    stop: () => instance.stop('shutdown'),
  };
}

/** Options that are a time, of which none would be none at all. */
const TIMES: ReadonlySet<string> = new Set([
  'windowMs',
  'initialMs',
  'maxMs',
  'cooldownMs',
  'readyWithinMs',
  'everyMs',
]);

/** `defaults` with what is given in their place. @throws WeirError `WEIR_EXTENSION_OPTIONS` */
function numbers<T extends object>(name: string, defaults: T, given: DeepPartial<T> = {}): T {
  const filled = { ...defaults } as Record<string, unknown>;
  for (const [key, value] of Object.entries(given)) {
    const path = `${name}.${key}`;
    if (!Object.hasOwn(defaults, key)) {
      throw optionError(`\`${path}\` is not known`, suggest(key, Object.keys(defaults), `${name} has`));
    }
    if (value === undefined) continue;
    const usual = filled[key];
    if (typeof usual === 'object') {
      if (typeof value !== 'object' || value === null) {
        throw optionError(`\`${path}\` is ${String(value)}`, 'give an object');
      }
      filled[key] = numbers(path, usual as object, value as object);
    } else if (key === 'jitter') {
      if (!(typeof value === 'number' && value >= 0 && value <= 1)) {
        throw optionError(`\`${path}\` is ${String(value)}`, 'give a number from 0 to 1');
      }
      filled[key] = value;
    } else if (TIMES.has(key) && value === 0) {
      throw optionError(`\`${path}\` is 0`, 'give at least a millisecond');
    } else if (Number.isSafeInteger(value) && (value as number) >= 0) filled[key] = value;
    else throw optionError(`\`${path}\` is ${String(value)}`, 'give a whole number that is not negative');
  }
  return filled as T;
}

/** @throws WeirError `WEIR_EXTENSION_OPTIONS` */
function grantsOf(given: Partial<Grants> = {}): Grants {
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(NO_GRANTS, key)) {
      const hint = suggest(key, Object.keys(NO_GRANTS), 'grants has');
      throw optionError(`\`grants.${key}\` is not known`, hint);
    }
    const fits = {
      http: () => Array.isArray(value) && value.every((one) => parseOrigin(one).origin === one),
      fs: () => Array.isArray(value) && value.every(isFolderGrant),
      env: () => Array.isArray(value) && value.every((name) => typeof name === 'string'),
      random: () => typeof value === 'boolean',
      stdout: () => typeof value === 'boolean',
    };
    if (value === undefined || fits[key as keyof Grants]()) continue;
    throw optionError(
      `\`grants.${key}\` is not of its type`,
      'give `{ http: [origin], fs: [{ path, name, mode }], env: [name], random: true, stdout: true }`, each path absolute',
    );
  }
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...NO_GRANTS, ...Object.fromEntries(set) };
}

function isFolderGrant(value: unknown): boolean {
  const { path, name, mode } = (value ?? {}) as Partial<FolderGrant>;
  return (
    typeof path === 'string' &&
    isAbsolute(path) &&
    typeof name === 'string' &&
    (mode === 'read' || mode === 'write')
  );
}

function checkConfig(config: unknown): void {
  let why = 'it has no JSON form';
  try {
    if (config === undefined || JSON.stringify(config) !== undefined) return;
  } catch (error) {
    why = (error as Error).message;
  }
  throw optionError(`\`config\` cannot be written as JSON: ${why}`, 'hand over plain data');
}

function optionError(message: string, hint: string): WeirError {
  return new WeirError(extensionErrors.WEIR_EXTENSION_OPTIONS, message, { hint });
}
