/** Times several ways to do the same thing in turns, so that what disturbs the machine disturbs all of them. */

/** One way to do it. `run` does it so many times; a promise is waited for. */
export interface Contender {
  readonly name: string;
  readonly run: (times: number) => unknown;
}

/**
 * How long one sample should take, ms: short, so that on a busy machine most samples are not interrupted, and the median
 * is of one that was not.
 */
const sampleMs = 2;
/** Long enough for V8 to optimise what is going to be measured, ms. */
const warmUpMs = 150;

/** @returns the median time of one run by contender, ns */
export async function interleaved(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Record<string, number>> {
  const prepared: { contender: Contender; times: number; samples: number[] }[] = [];
  for (const contender of contenders) {
    prepared.push({ contender, times: await calibrated(contender), samples: [] });
  }
  for (let round = 0; round < rounds; round++) {
    // Whoever comes next finds the caches as the one before left them: each gets every place.
    const order = prepared.map((_, i) => prepared[(i + round) % prepared.length]!);
    for (const { contender, times, samples } of order) samples.push(await sample(contender, times));
  }
  return Object.fromEntries(prepared.map(({ contender, samples }) => [contender.name, median(samples)]));
}

/** Warm up, and find how many runs fill a sample. */
async function calibrated(contender: Contender): Promise<number> {
  const end = performance.now() + warmUpMs;
  let times = 1;
  let one = await sample(contender, times);
  while (performance.now() < end) {
    one = await sample(contender, times);
    times = Math.max(1, Math.min(times * 2, Math.round((sampleMs * 1e6) / one)));
  }
  return Math.max(1, Math.round((sampleMs * 1e6) / one));
}

/** ns per run */
async function sample({ run }: Contender, times: number): Promise<number> {
  const start = performance.now();
  const pending = run(times);
  if (pending instanceof Promise) await pending;
  return ((performance.now() - start) * 1e6) / times;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * A loop of its own for each contender: V8 optimises a loop for what it calls, and one loop that has called
 * several functions is slower for all. `body` is JavaScript that sees `use`'s members and the count `i`.
 */
export function loop(body: string, use: Readonly<Record<string, unknown>>): Contender['run'] {
  return made('', body, use);
}

/** The same for what returns promises: each is waited for before the next begins. */
export function awaitingLoop(body: string, use: Readonly<Record<string, unknown>>): Contender['run'] {
  return made('async', body, use);
}

let loops = 0;

function made(modifier: string, body: string, use: Readonly<Record<string, unknown>>): Contender['run'] {
  // Functions of the same text would share what V8 learns about them: the number makes each text another.
  const source = `return ${modifier} (times) => {
    let sink; for (let i = 0; i < times; i++) { ${body} } return sink; // ${loops++}
  }`;
  return new Function(...Object.keys(use), source)(...Object.values(use)) as Contender['run'];
}
