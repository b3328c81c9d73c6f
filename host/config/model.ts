/**
 * A configuration, read and checked: what `loadConfig` returns and the engine runs. Every value has
 * its default filled in and every substitution (`${env:…}`, `${file:…}`) made.
 *
 * `position` says where in the file an entry stands, for errors that show up later.
 */
import type { SourcePosition } from '../errors.ts';

export const CONFIG_VERSION = 'weir/v1';

export interface EngineConfig {
  readonly version: typeof CONFIG_VERSION;
  /** The file that it came from, absolute; relative paths in it are relative to that file's folder. */
  readonly file: string;
  readonly engine: EngineSettings;
  readonly pipelines: readonly PipelineConfig[];
  /** What the file says, secrets masked: the only part that may be shown (`showConfig`) or logged. */
  readonly shown: unknown;
}

export interface EngineSettings {
  /** Where the engine sends its own logs and spans, if anywhere. */
  readonly telemetry: TelemetryConfig | undefined;
  /** How long a stop may take until what is left is given up, ms. */
  readonly shutdownDeadlineMs: number;
  /** Most component instances at one time, over all pipelines. */
  readonly instances: number;
  /** Whose signatures of components count. */
  readonly trust: TrustConfig;
}

export interface TrustConfig {
  /** Public keys, `ed25519:` and 32 bytes in base64. */
  readonly keys: readonly string[];
  /** Components that none of them signed are refused. */
  readonly required: boolean;
}

export const DEFAULT_INSTANCES = 1_000;

/** The engine's own telemetry, sent with the OpenTelemetry SDK over OTLP/HTTP. */
export interface TelemetryConfig {
  /** Base URL, e.g. `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  /** Sent with every request, e.g. `authorization`. Masked wherever configuration is shown. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface PipelineConfig {
  readonly group: string;
  readonly name: string;
  readonly position: SourcePosition;
  readonly extensions: readonly ExtensionConfig[];
  readonly nodes: readonly NodeConfig[];
  readonly connections: readonly ConnectionConfig[];
  readonly policies: PoliciesConfig;
}

export interface PoliciesConfig {
  /** Batches that fit in the channel in front of each node. */
  readonly channelCapacity: number;
}

export const DEFAULT_POLICIES: PoliciesConfig = { channelCapacity: 128 };

export interface ExtensionConfig {
  readonly name: string;
  readonly position: SourcePosition;
  /** The component, absolute. */
  readonly wasm: string;
  /** The SHA-256 that the component must have, in hexadecimal. */
  readonly sha256: string | undefined;
  readonly description: string | undefined;
  /** Passed to the guest's `configure` as JSON. */
  readonly config: unknown;
  readonly limits: LimitsConfig;
  readonly grants: GrantsConfig;
  readonly supervision: SupervisionConfig;
}

/** What the extension may do beyond what needs no grant: nothing unless written. */
export interface GrantsConfig {
  /** Origins, as the URL parser writes them. */
  readonly http: readonly string[];
  /** Folders; `name` is the path as written, `path` is absolute. */
  readonly fs: readonly {
    readonly path: string;
    readonly name: string;
    readonly mode: 'read' | 'write';
  }[];
  /** Names of environment variables. */
  readonly env: readonly string[];
  readonly random: boolean;
  readonly stdout: boolean;
}

export interface LimitsConfig {
  /** Largest component, bytes. */
  readonly moduleBytes: number;
  /** Most functions, over all core instances of the component. */
  readonly functions: number;
  /** Most globals, over all core instances of the component. */
  readonly globals: number;
  /** Most linear memory, over all of the component's memories, bytes. */
  readonly memoryBytes: number;
  /** Most elements, over all of the component's tables. */
  readonly tableElements: number;
  /** Most bytes of one string or list that crosses between host and guest. */
  readonly transferBytes: number;
  /** Most bytes of the host's memory that what a guest hands over in one call may take, estimated. */
  readonly liftBytes: number;
  /** Most resource handles that are live at one time. */
  readonly handles: number;
  /** Most timers that may be pending. */
  readonly timers: number;
  /** Most log lines in one second; further ones are counted and left out. */
  readonly logLinesPerSecond: number;
  /** Longest that one call may run, ms. */
  readonly callDeadlineMs: number;
  /** The same for each step of a start: instantiating, `configure` and `start`. */
  readonly startDeadlineMs: number;
}

export const DEFAULT_LIMITS: LimitsConfig = {
  // What V8 compiles in less than half a second; larger ones are few and known.
  moduleBytes: 6 * 2 ** 20,
  functions: 50_000,
  globals: 10_000,
  memoryBytes: 16 * 2 ** 20,
  tableElements: 100_000,
  transferBytes: 32 * 2 ** 20,
  liftBytes: 64 * 2 ** 20,
  handles: 10_000,
  timers: 64,
  logLinesPerSecond: 100,
  callDeadlineMs: 1_000,
  startDeadlineMs: 5_000,
};

/** What happens when a component instance faults, and how long it may take to be ready. */
export interface SupervisionConfig {
  readonly restart: RestartConfig;
  readonly quarantine: {
    /** How long a quarantined extension is left alone before it is probed, ms. */
    readonly cooldownMs: number;
  };
  /** How long one that says itself when it is ready may take to do so, ms. */
  readonly readyWithinMs: number;
  readonly checkpoint: CheckpointConfig;
}

/** The checkpoints of an extension that exports them. */
export interface CheckpointConfig {
  /** How often one is taken, ms. */
  readonly everyMs: number;
  /** Larger ones are not kept, bytes. */
  readonly maxBytes: number;
}

/** When a component instance that faulted is replaced. */
export interface RestartConfig {
  /** Most faults within the window after which it is replaced; one more, and it is quarantined. */
  readonly max: number;
  /** Faults longer ago than this are forgotten, ms. */
  readonly windowMs: number;
  /** The first fault of a window is made good at once; how long each further one has to wait. */
  readonly backoff: {
    /** Wait after the second fault, ms; doubled at each further one, up to `maxMs`. */
    readonly initialMs: number;
    readonly maxMs: number;
    /** Part of each wait that is left to chance, 0 to 1. */
    readonly jitter: number;
  };
}

export const DEFAULT_SUPERVISION: SupervisionConfig = {
  restart: { max: 5, windowMs: 60_000, backoff: { initialMs: 100, maxMs: 30_000, jitter: 0.5 } },
  quarantine: { cooldownMs: 30_000 },
  readyWithinMs: 5_000,
  checkpoint: { everyMs: 10_000, maxBytes: 2 ** 20 },
};

export interface NodeConfig {
  readonly name: string;
  readonly position: SourcePosition;
  /** E.g. `receiver:otlp`. */
  readonly type: string;
  /** As the node type's schema returns it. */
  readonly config: unknown;
  /** Extensions by capability name, e.g. `rate-limiter` → `quota`. */
  readonly capabilities: ReadonlyMap<string, CapabilityConfig>;
  /** The processor guest, for node types that take one. */
  readonly guest: BindingConfig | undefined;
}

export interface BindingConfig {
  readonly extension: string;
  readonly position: SourcePosition;
}

export interface CapabilityConfig extends BindingConfig {
  /** Extensions that calls go to while those before them are down, in this order. */
  readonly fallbacks: readonly BindingConfig[];
}

/** One arrow, from a node to a node. Lists in the file are spread out here. */
export interface ConnectionConfig {
  readonly from: string;
  readonly to: string;
  readonly position: SourcePosition;
}
