/** Why a call found no instance, in words. */
import type { InstanceState } from './status.ts';

export interface DownReason {
  readonly extension: string;
  readonly state: InstanceState;
  /** It has started and has not said yet that it is ready. */
  readonly isStarted: boolean;
  /** The message of the last fault. */
  readonly lastFault: string | undefined;
  /** Until the next restart or probe, ms; undefined when none is planned. */
  readonly nextInMs: number | undefined;
}

export function whyDown({ extension, state, isStarted, lastFault, nextInMs }: DownReason): string {
  const name = `extension \`${extension}\``;
  const inMs = nextInMs === undefined ? undefined : Math.max(0, Math.ceil(nextInMs));
  switch (state) {
    case 'starting':
      return `${name} ${isStarted ? 'is not ready' : 'has not started'} yet`;
    case 'failed':
      return `${name} could not be started`;
    case 'stopped':
      return `${name} is stopped`;
    case 'quarantined':
      return `${name} is quarantined: ${lastFault}; ${inMs === undefined ? 'it is being tried' : `next tried in ${inMs} ms`}`;
    case 'degraded':
      return `${name} is on trial after its quarantine, and another call is under way`;
    default:
      return `${name} is down: ${lastFault}${inMs === undefined ? '' : `; next restart in ${inMs} ms`}`;
  }
}
