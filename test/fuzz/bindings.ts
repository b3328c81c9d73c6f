/** `npm run fuzz -- bindings [--seconds N] [--seed S]`: random function types against jco, until told to stop. */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { RoundReport, Share } from './bindings-rounds.ts';

const casesPerRound = 200;
const roundsPerWorker = 20;

/** @returns the exit code: 1 when a binding was wrong */
export async function fuzzBindings(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string' }, seed: { type: 'string' } },
  });
  const seconds = Number(values.seconds ?? Number.POSITIVE_INFINITY);
  const first = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  if (!(seconds > 0) || !Number.isSafeInteger(first)) {
    process.stderr.write('usage: npm run fuzz -- bindings [--seconds N] [--seed S]\n');
    return 2;
  }
  const until = Date.now() + seconds * 1000;
  const totals = { agree: 0, refused: 0, jcoWrong: 0, wrong: 0 };
  for (let seed = first; Date.now() < until; seed += roundsPerWorker) {
    const share: Share = { seed, rounds: roundsPerWorker, cases: casesPerRound, until };
    await runShare(share, (report) => {
      totals.agree += report.agree;
      totals.refused += report.refused.length;
      totals.jcoWrong += report.jcoWrong.length;
      if (report.wrong) totals.wrong++;
      console.log(`seed ${report.seed}: ${report.agree} agree; so far ${JSON.stringify(totals)}`);
      for (const text of report.refused) console.log(`refused by jco: ${text}`);
      for (const text of report.jcoWrong) console.log(`wrong in jco: ${text}`);
      if (report.wrong) console.log(`WRONG: ${report.wrong}`);
    });
  }
  return totals.wrong > 0 ? 1 : 0;
}

function runShare(share: Share, report: (report: RoundReport) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./bindings-rounds.ts', import.meta.url), { workerData: share });
    worker.on('message', report);
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}
