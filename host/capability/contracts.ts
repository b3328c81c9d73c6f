/** The contracts of `wit/capability` and `wit/processor`, with their types as TypeScript sees them. */
import type { CapabilityContract } from './contract.ts';

/** `capability-error` of `wit/capability`, spelled out. */
const CAPABILITY_ERROR = 'record { kind: enum { unavailable, invalid-request, internal }, message: string }';

export interface BearerToken {
  readonly secret: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt?: bigint | undefined;
}

export interface BearerTokenProvider {
  currentToken(): BearerToken | undefined;
  getToken(): Promise<BearerToken>;
}

export const BearerTokenProvider: CapabilityContract<BearerTokenProvider> = {
  name: 'bearer-token-provider',
  interface: 'weir:capability/bearer-token-provider@0.1.0',
  description: 'Gives out the bearer token that outgoing requests carry.',
  functions: {
    currentToken: 'func() -> option<record { secret: string, expires-at: option<u64> }>',
    getToken: `async func() -> result<record { secret: string, expires-at: option<u64> }, ${CAPABILITY_ERROR}>`,
  },
};

export interface Identity {
  readonly principal?: string | undefined;
  readonly scheme?: string | undefined;
  readonly claims: readonly (readonly [string, string])[];
}

export interface Denial {
  readonly reason: 'missing-credential' | 'invalid-credential' | 'not-permitted';
  readonly detail?: string | undefined;
}

export type Decision =
  | { readonly tag: 'allow'; readonly val: Identity }
  | { readonly tag: 'deny'; readonly val: Denial };

export interface BearerTokenAuthorizer {
  authorize(token: string): Decision;
}

export const BearerTokenAuthorizer: CapabilityContract<BearerTokenAuthorizer> = {
  name: 'bearer-token-authorizer',
  interface: 'weir:capability/bearer-token-authorizer@0.1.0',
  description: 'Decides whether the bearer of a token may send.',
  functions: {
    authorize:
      'func(token: string) -> result<variant { ' +
      'allow(record { principal: option<string>, scheme: option<string>, claims: list<tuple<string, string>> }), ' +
      'deny(record { reason: enum { missing-credential, invalid-credential, not-permitted }, ' +
      `detail: option<string> }) }, ${CAPABILITY_ERROR}>`,
  },
};

export interface RateLimiter {
  tryAcquire(n: number): boolean;
}

export const RateLimiter: CapabilityContract<RateLimiter> = {
  name: 'rate-limiter',
  interface: 'weir:capability/rate-limiter@0.1.0',
  description: 'A quota.',
  functions: { tryAcquire: 'func(n: u32) -> bool' },
};

export interface DatasetLookup {
  lookup(dataset: string, key: string): [string, string][] | undefined;
}

export const DatasetLookup: CapabilityContract<DatasetLookup> = {
  name: 'dataset-lookup',
  interface: 'weir:capability/dataset-lookup@0.1.0',
  description: 'Named tables of attributes.',
  functions: {
    lookup: 'func(dataset: string, key: string) -> option<list<tuple<string, string>>>',
  },
};

export interface KeyValueStore {
  get(key: string): Uint8Array | undefined;
  set(key: string, value: Uint8Array, ttlMs: bigint | undefined): void;
  setIfAbsent(key: string, value: Uint8Array, ttlMs: bigint | undefined): boolean;
  remove(key: string): boolean;
}

export const KeyValueStore: CapabilityContract<KeyValueStore> = {
  name: 'key-value-store',
  interface: 'weir:capability/key-value-store@0.1.0',
  description: 'A small store of bytes by key.',
  functions: {
    get: `func(key: string) -> result<option<list<u8>>, ${CAPABILITY_ERROR}>`,
    set: `func(key: string, value: list<u8>, ttl-ms: option<u64>) -> result<_, ${CAPABILITY_ERROR}>`,
    setIfAbsent: `func(key: string, value: list<u8>, ttl-ms: option<u64>) -> result<bool, ${CAPABILITY_ERROR}>`,
    remove: `func(key: string) -> result<bool, ${CAPABILITY_ERROR}>`,
  },
};

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly weight: number;
}

export interface ServiceDiscovery {
  endpoints(service: string): Endpoint[];
}

export const ServiceDiscovery: CapabilityContract<ServiceDiscovery> = {
  name: 'service-discovery',
  interface: 'weir:capability/service-discovery@0.1.0',
  description: 'Where a service can be reached now.',
  functions: {
    endpoints: `func(service: string) -> result<list<record { host: string, port: u16, weight: u32 }>, ${CAPABILITY_ERROR}>`,
  },
};

export type WitSignal = 'logs' | 'metrics' | 'traces';

export type ProcessOutcome =
  | { readonly tag: 'forward'; readonly val: Uint8Array }
  | { readonly tag: 'unchanged' }
  | { readonly tag: 'drop' };

/** The `err` payload of `process`. */
export interface ProcessError {
  readonly permanent: boolean;
  readonly message: string;
}

export interface ProcessorGuest {
  process(signal: WitSignal, batch: Uint8Array): ProcessOutcome;
}

/** Bound through a node's `guest:` key instead of `capabilities:`. */
export const ProcessorGuest: CapabilityContract<ProcessorGuest> = {
  name: 'processor',
  interface: 'weir:processor/processor@0.1.0',
  description: 'Works on batches of telemetry in OTLP protobuf form.',
  functions: {
    process:
      'func(signal: enum { logs, metrics, traces }, batch: list<u8>) -> ' +
      'result<variant { forward(list<u8>), unchanged, drop }, record { permanent: bool, message: string }>',
  },
};

/** Every contract that a node's `capabilities:` may name. */
export const capabilityContracts: readonly CapabilityContract<unknown>[] = [
  BearerTokenAuthorizer,
  BearerTokenProvider,
  DatasetLookup,
  KeyValueStore,
  RateLimiter,
  ServiceDiscovery,
];
