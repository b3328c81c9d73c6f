/**
 * The interfaces of `wit/extension`: what an extension may export beside capabilities, and what the
 * host lends to every extension. Types are spelled out as `signature` of host/component writes them.
 */
import { type Grants, grantOf, isGranted } from '../sandbox/grants.ts';
import type { Offer, OfferedInterface } from '../sandbox/imports.ts';

export const CONFIGURED = 'weir:extension/configured@0.1.0';
export const LIFECYCLE = 'weir:extension/lifecycle@0.1.0';
export const CHECKPOINT = 'weir:extension/checkpoint@0.1.0';
export const READINESS = 'weir:extension/readiness@0.1.0';
export const LOG = 'weir:extension/log@0.1.0';
export const CLOCK = 'weir:extension/clock@0.1.0';
export const HTTP = 'weir:extension/http@0.1.0';
export const RANDOM = 'weir:extension/random@0.1.0';
export const TIMERS = 'weir:extension/timers@0.1.0';

/** Functions that an extension exports, by interface. */
export const extensionExports: Readonly<Record<string, OfferedInterface>> = {
  [CONFIGURED]: { configure: 'func(json: string) -> result<_, string>' },
  [CHECKPOINT]: { save: 'func() -> list<u8>', restore: 'func(state: list<u8>) -> result<_, string>' },
  [LIFECYCLE]: {
    start: 'func() -> result<_, string>',
    'on-timer': 'func(timer: u32)',
    stop: 'func(reason: enum { shutdown, replaced })',
  },
};

/** Every service of the host's, granted or not. */
export const hostServices: Offer = {
  [READINESS]: { 'signal-ready': 'func()' },
  [LOG]: {
    write:
      'func(level: enum { trace, debug, info, warn, error }, message: string, fields: list<tuple<string, string>>)',
  },
  [CLOCK]: { 'now-ms': 'func() -> u64', 'monotonic-ns': 'func() -> u64' },
  [HTTP]: {
    send: 'async func(request: record { method: string, url: string, headers: list<tuple<string, string>>, body: list<u8> }) -> result<record { status: u16, headers: list<tuple<string, string>>, body: list<u8> }, variant { denied(string), failed(string) }>',
  },
  [RANDOM]: { bytes: 'func(length: u32) -> list<u8>', 'next-u64': 'func() -> u64' },
  [TIMERS]: {
    after: 'func(delay-ms: u32) -> u32',
    every: 'func(period-ms: u32) -> u32',
    cancel: 'func(timer: u32)',
  },
};

/** What an extension may import under `grants`. */
export function grantedServices(grants: Grants): Offer {
  return Object.fromEntries(
    Object.entries(hostServices).filter(([name]) => {
      const grant = grantOf(name);
      return grant === undefined || isGranted(grants, grant);
    }),
  );
}

export type StopReason = 'shutdown' | 'replaced';

/** The exports of `CONFIGURED`, as JavaScript calls them. */
export interface Configured {
  configure(json: string): void;
}

/** The exports of `LIFECYCLE`, as JavaScript calls them. */
export interface Lifecycle {
  start(): void;
  onTimer(timer: number): void;
  stop(reason: StopReason): void;
}

/** The exports of `CHECKPOINT`, as JavaScript calls them. */
export interface Checkpoint {
  save(): Uint8Array;
  restore(state: Uint8Array): void;
}
