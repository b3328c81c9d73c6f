/** What an operator can learn of an extension: states, counters, faults, and events as they happen. */
import type { Fault, FaultKind } from './fault.ts';
import type { InstancePolicy } from './manifest.ts';
import type { ExtensionKind } from './provider.ts';

export type InstanceState =
  /** Made, not started yet. */
  | 'starting'
  | 'ready'
  /** Discarded after a fault; the next one is on its way. */
  | 'restarting'
  | 'stopped'
  /** Its first start failed. */
  | 'failed';

/** One component instance and its replacements. */
export interface InstanceStatus {
  /** The node that it serves, where each consumer has one of its own. */
  readonly consumer: string | undefined;
  readonly state: InstanceState;
  /** Calls through bindings, those that found it down included. */
  readonly calls: number;
  /** Calls that found it down. */
  readonly unavailable: number;
  readonly faults: number;
  readonly faultsByKind: Readonly<Record<FaultKind, number>>;
  /** Faults after which a fresh instance became ready. */
  readonly restarts: number;
  /** The last few, oldest first. */
  readonly lastFaults: readonly Fault[];
  /** When the next restart is tried, milliseconds since the Unix epoch. */
  readonly restartAt: number | undefined;
  readonly memoryBytes: number;
  readonly timersPending: number;
  /** Log lines over the limit. */
  readonly logLinesLeftOut: number;
}

export interface ExtensionStatus {
  readonly name: string;
  readonly urn: string | undefined;
  readonly version: string | undefined;
  readonly kind: ExtensionKind;
  readonly policy: InstancePolicy;
  /** Capabilities that it provides. */
  readonly provides: readonly string[];
  /** Nodes that claimed one of them, in order of claiming. */
  readonly consumers: readonly string[];
  /** Empty for an extension that nobody claimed: it is never started. */
  readonly instances: readonly InstanceStatus[];
}

/** Something that happened to a component instance. */
export type ExtensionEvent = {
  readonly extension: string;
  readonly consumer: string | undefined;
} & (
  | { readonly type: 'started' }
  | {
      readonly type: 'faulted';
      readonly fault: Fault /** Undefined when it is not replaced. */;
      readonly restartInMs: number | undefined;
    }
  | { readonly type: 'restarted' }
  | { readonly type: 'stopped' }
);
