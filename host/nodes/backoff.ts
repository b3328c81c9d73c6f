/** How long to wait before trying again: twice as long each time, up to a limit, with jitter. */
import type { z } from 'zod';
import { duration } from '../config/units.ts';

export interface Backoff {
  /** Before the first repetition, ms. */
  readonly initial: number;
  /** At most, ms. */
  readonly max: number;
}

/** The configuration fields of a backoff. */
export const backoffFields = {
  initial: duration({ min: 1 })
    .prefault('500ms')
    .describe(
      'Wait before the first repetition; doubled for each further one, less up to half of it at random.',
    ),
  max: duration({ min: 1 }).prefault('30s').describe('Longest wait between two attempts.'),
} satisfies Record<keyof Backoff, z.ZodType>;

/**
 * The wait before repetition number `attempt` (from 1), ms: between half of the doubled time and all of
 * it, so that many senders which failed together do not come back together.
 */
export function backoffDelay({ initial, max }: Backoff, attempt: number): number {
  const full = Math.min(max, initial * 2 ** Math.min(attempt - 1, 40));
  return Math.round(full / 2 + (Math.random() * full) / 2);
}
