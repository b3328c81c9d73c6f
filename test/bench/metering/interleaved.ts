/** Times two ways to do the same work in turns, so that what disturbs the machine disturbs both. */

/** A sample lasts at least this long, ms. */
const SAMPLE_MS = 4;
/** Long enough for V8 to optimise what is going to be measured, ms. */
const WARM_UP_MS = 400;

export interface Comparison {
  /** Medians of one run of the work, ms. */
  readonly plain: number;
  readonly metered: number;
  /** The median of the ratios of the rounds. */
  readonly ratio: number;
}

export function compare(plain: () => unknown, metered: () => unknown, rounds: number): Comparison {
  for (const work of [plain, metered]) {
    const end = performance.now() + WARM_UP_MS;
    while (performance.now() < end) work();
  }
  const runs = Math.max(1, Math.ceil(SAMPLE_MS / time(plain, 3)));
  const samples = Array.from({ length: rounds }, (_, round) => {
    // Whoever comes second in a round finds the caches as the first one left them: take turns in that too.
    if (round % 2 === 0) return { plain: time(plain, runs), metered: time(metered, runs) };
    const first = time(metered, runs);
    return { metered: first, plain: time(plain, runs) };
  });
  return {
    plain: median(samples.map((sample) => sample.plain)),
    metered: median(samples.map((sample) => sample.metered)),
    ratio: median(samples.map((sample) => sample.metered / sample.plain)),
  };
}

function time(work: () => unknown, runs: number): number {
  const start = performance.now();
  for (let run = 0; run < runs; run++) work();
  return (performance.now() - start) / runs;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
