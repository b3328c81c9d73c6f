/**
 * A campaign against one target: inputs are drawn from seeds until the time is over. A finding is made as
 * small as it gets and saved in `seeds/`, where `seeds.test.ts` replays it for ever. A thread watches over
 * the campaign, because an input that never ends is a finding too.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Random } from './random.ts';

export interface Target<Input> {
  readonly name: string;
  draw(random: Random): Input | Promise<Input>;
  /** @returns what is wrong */
  check(input: Input): Promise<string | undefined>;
  /** Inputs that are a little smaller. */
  shrink(input: Input): Iterable<Input>;
  /** What a file in `seeds/` holds of it, and back. */
  save(input: Input): string;
  load(saved: string): Input;
  /** Told at the end, as the last lines that are printed. */
  summary?(): string;
}

/** How long one input may take, ms, on a machine that is busy with other things. */
const PATIENCE_MS = 30_000;

/** Attempts at making a finding smaller. */
const SHRINKS_MAX = 2_000;

const PROGRESS_MS = 5_000;

export const seedsFolder = join(import.meta.dirname, 'seeds');

/** @returns the exit code: 1 when there was a finding, 2 when the arguments make no sense */
export async function campaign<Input>(target: Target<Input>, args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string' }, seed: { type: 'string' } },
  });
  const seconds = Number(values.seconds ?? Number.POSITIVE_INFINITY);
  const first = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  if (!(seconds > 0) || !Number.isSafeInteger(first)) {
    process.stderr.write(`usage: npm run fuzz -- ${target.name} [--seconds N] [--seed S]\n`);
    return 2;
  }
  const watch = new Watch();
  const findings: string[] = [];
  let loose: unknown;
  const onLoose = (error: unknown) => {
    loose = error;
  };
  process.on('unhandledRejection', onLoose);
  process.on('uncaughtException', onLoose);
  const until = Date.now() + seconds * 1000;
  let told = Date.now();
  let seed = first;
  try {
    for (; Date.now() < until; seed++) {
      watch.begin(seed);
      const input = await target.draw(new Random(seed));
      let problem = await target.check(input);
      if (loose !== undefined) problem ??= `an error that nobody caught: ${String(loose)}`;
      loose = undefined;
      if (problem !== undefined) {
        const { smallest, why } = await minimise(target, input, problem, () => watch.begin(seed));
        const path = keep(target, smallest);
        findings.push(path);
        console.log(`FINDING seed ${seed}: ${why}\n  saved as ${path}`);
      }
      if (Date.now() - told > PROGRESS_MS) {
        told = Date.now();
        console.log(`${target.name}: ${seed - first + 1} inputs, ${findings.length} findings`);
      }
    }
  } finally {
    watch.end();
    process.off('unhandledRejection', onLoose);
    process.off('uncaughtException', onLoose);
  }
  console.log(`${target.name}: ${seed - first} inputs from seed ${first}, ${findings.length} findings`);
  if (target.summary !== undefined) console.log(target.summary());
  return findings.length > 0 ? 1 : 0;
}

async function minimise<Input>(
  target: Target<Input>,
  input: Input,
  problem: string,
  alive: () => void,
): Promise<{ smallest: Input; why: string }> {
  let [smallest, why] = [input, problem];
  let attempts = 0;
  for (let shrunk = true; shrunk; ) {
    shrunk = false;
    for (const smaller of target.shrink(smallest)) {
      if (++attempts > SHRINKS_MAX) return { smallest, why };
      alive();
      const still = await target.check(smaller);
      if (still === undefined) continue;
      [smallest, why, shrunk] = [smaller, still, true];
      break;
    }
  }
  return { smallest, why };
}

function keep<Input>(target: Target<Input>, input: Input): string {
  const saved = target.save(input);
  const folder = join(seedsFolder, target.name);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${createHash('sha256').update(saved).digest('hex').slice(0, 12)}.txt`);
  writeFileSync(path, saved);
  return path;
}

/** A thread that ends the process, with the seed, when an input takes too long: nothing else could. */
class Watch {
  /** The seed, and how many inputs have begun. */
  readonly #shared = new Int32Array(new SharedArrayBuffer(8));
  readonly #worker: Worker;

  constructor() {
    this.#worker = new Worker(new URL('./watch.ts', import.meta.url), {
      workerData: { shared: this.#shared, patienceMs: PATIENCE_MS },
    });
    this.#worker.unref();
  }

  begin(seed: number): void {
    Atomics.store(this.#shared, 0, seed);
    Atomics.add(this.#shared, 1, 1);
  }

  end(): void {
    void this.#worker.terminate();
  }
}
