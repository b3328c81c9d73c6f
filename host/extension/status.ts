/** What an operator can learn of an extension: states, counters, faults, and events as they happen. */
import type { Fault, FaultKind } from './fault.ts';
import type { InstancePolicy } from './manifest.ts';
import type { ExtensionKind } from './provider.ts';

export type InstanceState =
  /** Made, not started yet. */
  | 'starting'
  | 'ready'
  /** Serves, and is watched: it faulted a short while ago, or comes out of quarantine. */
  | 'degraded'
  /** Discarded after a fault; the next one is on its way. */
  | 'restarting'
  /** It faulted too often and is left alone for a while. */
  | 'quarantined'
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
  /** When the next restart or probe is tried, milliseconds since the Unix epoch. */
  readonly restartAt: number | undefined;
  /** When the checkpoint that a successor would take over was saved, milliseconds since the Unix epoch. */
  readonly checkpointAt: number | undefined;
  /** Whether a successor stands by, instantiated and configured. */
  readonly hasSpare: boolean;
  /** Of the instance that serves; a spare is not counted. */
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

/** What can happen to a component instance. Every change of its state is one of these. */
export type ExtensionHappening =
  /** The first start: it is ready. */
  | { readonly type: 'started' }
  /** The first start failed; nothing is tried again. */
  | { readonly type: 'failed'; readonly fault: Fault }
  | {
      readonly type: 'faulted';
      readonly fault: Fault;
      /** 0 when it is replaced at once; undefined when it is not: it stops, or is quarantined. */
      readonly restartInMs: number | undefined;
    }
  /** A fresh instance serves after a fault. */
  | { readonly type: 'restarted' }
  | { readonly type: 'quarantined'; readonly probeInMs: number }
  /** A fresh instance serves after a quarantine, on trial. */
  | { readonly type: 'probed' }
  /** It is ready again, after its trial or after a window without a fault. */
  | { readonly type: 'recovered' }
  | { readonly type: 'stopped' };

export type ExtensionEvent = ExtensionHappening & {
  readonly extension: string;
  readonly consumer: string | undefined;
  /** Its state after what happened. */
  readonly state: InstanceState;
};
