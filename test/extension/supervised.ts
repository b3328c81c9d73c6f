/** A probe under supervision, with a clock driven by hand, for tests. */
import { pino } from 'pino';
import type { CapabilityContract } from '../../host/capability/contract.ts';
import type { CapabilityProvider } from '../../host/capability/registry.ts';
import { DEFAULT_LIMITS, DEFAULT_SUPERVISION, type LimitsConfig } from '../../host/config/model.ts';
import { type ExtensionHost, ExtensionInstance, type InstanceConfig } from '../../host/extension/instance.ts';
import { readProvider } from '../../host/extension/provider.ts';
import type { ExtensionEvent } from '../../host/extension/status.ts';
import { ManualClock } from '../manual-clock.ts';
import { makeProbe, Probe } from './probe.ts';

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly extension: string;
  readonly fields?: Record<string, string>;
  readonly [key: string]: unknown;
}

export interface Supervised {
  readonly instance: ExtensionInstance & CapabilityProvider;
  readonly probe: Probe;
  readonly clock: ManualClock;
  readonly events: ExtensionEvent[];
  readonly lines: LogLine[];
}

const probes = new Map<string, Promise<Uint8Array>>();

/** A probe, bound by a node called `node`, not started. Restarts wait as long as they can: there is no jitter. */
export async function supervise(
  config: Partial<Omit<InstanceConfig, 'limits'>> & { readonly limits?: Partial<LimitsConfig> } = {},
  exported: readonly string[] = ['configured', 'lifecycle', 'probe'],
  host: Partial<ExtensionHost> = {},
  /** Another component than the probe, with the contract that it provides. */
  other?: { readonly bytes: Uint8Array; readonly contract: CapabilityContract<unknown> },
): Promise<Supervised> {
  const key = exported.join();
  if (other === undefined && !probes.has(key)) probes.set(key, makeProbe(exported));
  const provider = readProvider(other?.bytes ?? (await probes.get(key)!), [other?.contract ?? Probe]);
  const limits = { ...DEFAULT_LIMITS, ...config.limits };
  const clock = new ManualClock();
  const events: ExtensionEvent[] = [];
  const lines: LogLine[] = [];
  const log = pino({ level: 'trace', base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const instance = new ExtensionInstance(
    { name: 'probe', config: undefined, supervision: DEFAULT_SUPERVISION, ...config, limits },
    provider,
    await provider.compile(limits),
    { clock, log, random: () => 1, onEvent: (event) => events.push(event), ...host },
  );
  return {
    instance,
    probe: other === undefined ? instance.bind(Probe, 'node') : (undefined as never),
    clock,
    events,
    lines,
  };
}

/** What `action` throws. */
export function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new TypeError('nothing was thrown');
}
