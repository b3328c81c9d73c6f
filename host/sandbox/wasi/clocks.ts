/** `wasi:clocks`. Needs no grant: an extension may know the time. */
import type { WasiContext } from './context.ts';
import { Pollable } from './poll.ts';

export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

export function monotonicClock(context: WasiContext) {
  const { clock } = context;
  return {
    now: () => clock.monotonicNs(),
    resolution: () => 1n,
    subscribeInstant: (when: bigint) => new Pollable(context, when),
    subscribeDuration: (duration: bigint) => new Pollable(context, clock.monotonicNs() + duration),
  };
}

export function wallClock({ clock }: WasiContext) {
  return {
    now(): Datetime {
      const ms = Math.max(0, Math.trunc(clock.now()));
      return { seconds: BigInt(Math.trunc(ms / 1000)), nanoseconds: (ms % 1000) * 1_000_000 };
    },
    resolution: (): Datetime => ({ seconds: 0n, nanoseconds: 1_000_000 }),
  };
}
