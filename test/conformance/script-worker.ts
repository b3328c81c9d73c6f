/** A thread that runs scripts: guest code may loop for ever, and then only the thread's end ends it. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { backends } from './backend.ts';
import { runScript } from './component-script.ts';
import { readScript } from './script.ts';

const backend = backends[(workerData as { backend: string }).backend]!;

parentPort!.on('message', async (path: string) => {
  const directives = readScript(readFileSync(path, 'utf8'));
  await runScript(path, directives, backend, (outcome) => parentPort!.postMessage(outcome));
  parentPort!.postMessage('end');
});
