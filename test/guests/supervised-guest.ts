/** Builds a guest of `guests/` and runs it as an extension instance, supervised, on a clock driven by hand. */
import path from 'node:path';
import { pino } from 'pino';
import { buildGuest } from '../../build/index.ts';
import type { CapabilityContract } from '../../host/capability/contract.ts';
import { capabilityContracts } from '../../host/capability/contracts.ts';
import { DEFAULT_LIMITS, DEFAULT_SUPERVISION, type LimitsConfig } from '../../host/config/model.ts';
import { ExtensionInstance } from '../../host/extension/instance.ts';
import { loadProvider } from '../../host/extension/provider.ts';
import type { InstanceStatus } from '../../host/extension/status.ts';
import { ManualClock } from '../manual-clock.ts';

const guests = path.join(import.meta.dirname, '../../guests');

export interface SupervisedGuest<T> {
  readonly clock: ManualClock;
  /** A consumer's binding of the contract. */
  readonly binding: T;
  status(): InstanceStatus;
  stop(): void;
}

/** Run the guest in `guests/<name>`, with one consumer, which binds `contract`. */
export async function superviseGuest<T>(
  name: string,
  contract: CapabilityContract<T>,
  config: unknown,
  limits: Partial<LimitsConfig> = {},
): Promise<SupervisedGuest<T>> {
  const { wasm } = await buildGuest(path.join(guests, name));
  const provider = await loadProvider(wasm, capabilityContracts);
  const clock = new ManualClock();
  const settings = {
    name,
    config,
    limits: { ...DEFAULT_LIMITS, ...limits },
    supervision: DEFAULT_SUPERVISION,
  };
  const component = await provider.compile(settings.limits);
  const log = pino({ enabled: false });
  const instance = new ExtensionInstance(settings, provider, component, { clock, log });
  const binding = instance.bind(contract, 'consumer');
  instance.start();
  return {
    clock,
    binding,
    status: () => instance.status().instances[0]!,
    stop: () => instance.stop('shutdown'),
  };
}
