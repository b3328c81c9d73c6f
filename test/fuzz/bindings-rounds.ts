/** A worker's share of rounds. It ends before the transpiled modules, which are never freed, fill the memory. */
import { parentPort, workerData } from 'node:worker_threads';
import { differentialRound, emptyTally } from '../component/differential/round.ts';

export interface Share {
  readonly seed: number;
  readonly rounds: number;
  readonly cases: number;
  /** Milliseconds since 1970; no round begins after it. */
  readonly until: number;
}

export interface RoundReport {
  readonly seed: number;
  readonly agree: number;
  readonly refused: readonly string[];
  readonly jcoWrong: readonly string[];
  /** What is wrong in ours. */
  readonly wrong: string | undefined;
}

const share = workerData as Share;
for (let round = 0; round < share.rounds && Date.now() < share.until; round++) {
  const seed = share.seed + round;
  const encoding = (['utf8', 'utf8', 'utf16', 'compact-utf16', 'utf8'] as const)[seed % 5]!;
  const types = seed % 5 === 4 ? 'recent' : 'settled';
  const tally = emptyTally();
  let wrong: string | undefined;
  try {
    await differentialRound({ seed, cases: share.cases, encoding, types }, tally);
  } catch (error) {
    wrong = error instanceof Error ? error.message : String(error);
  }
  parentPort!.postMessage({ seed, ...tally, wrong } satisfies RoundReport);
}
