/**
 * The thread that compiles. `asc` computes for seconds, during which the process goes on, and calls `process.exit`
 * when it crashes. One thread serves all builds, one after the other, and does not keep the process alive.
 */
import { Worker } from 'node:worker_threads';
import { moduleBeside } from '../host/package.ts';
import type { CompileRequest, CompileResult } from './compile.ts';

let worker: Worker | undefined;
let last: Promise<unknown> = Promise.resolve();

/** `compileSource`, in the thread. A crash of the compiler is a result like other errors. */
export function compileInThread(request: CompileRequest): Promise<CompileResult> {
  const result = last.then(() => ask(request));
  last = result.catch(() => undefined);
  return result;
}

function ask(request: CompileRequest): Promise<CompileResult> {
  worker ??= start();
  const thread = worker;
  thread.ref();
  return new Promise((resolve, reject) => {
    const settle = () => {
      thread.off('message', onMessage).off('error', onError);
      thread.unref();
    };
    const onMessage = (result: CompileResult) => {
      settle();
      resolve(result);
    };
    // Out of memory, for one: the thread is gone, the next request gets another.
    const onError = (error: unknown) => {
      worker = undefined;
      settle();
      reject(error);
    };
    thread.on('message', onMessage).on('error', onError);
    thread.postMessage(request);
  });
}

function start(): Worker {
  return new Worker(moduleBeside('compiler-worker', import.meta.url), { execArgv: [] });
}
