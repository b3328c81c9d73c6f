/** The thread that watches over a campaign: see `campaign.ts`. */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { shared, patienceMs } = workerData as { shared: Int32Array; patienceMs: number };

let seen = -1;
setInterval(() => {
  const begun = Atomics.load(shared, 1);
  if (begun === seen && begun > 0) {
    writeSync(2, `FINDING seed ${Atomics.load(shared, 0)}: it did not end within ${patienceMs} ms\n`);
    process.kill(process.pid, 'SIGKILL');
  }
  seen = begun;
}, patienceMs);
