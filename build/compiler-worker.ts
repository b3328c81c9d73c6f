/** What the thread of `compiler-thread.ts` runs: answers each request with its result. */
import { parentPort } from 'node:worker_threads';
import { type CompileRequest, compileSource } from './compile.ts';

parentPort?.on('message', async (request: CompileRequest) => {
  parentPort?.postMessage(await compileSource(request));
});
