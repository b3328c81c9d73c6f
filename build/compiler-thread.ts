/**
 * The thread that compiles. `asc` calls `process.exit` when it crashes, which ends a thread but not the process;
 * and it computes for seconds, during which the process goes on. One thread serves all builds, one
 * after the other, and does not keep the process alive.
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
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
  const thread = worker ?? start();
  worker = thread;
  thread.ref();
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer) => {
      said += chunk;
    };
    const settle = (act: () => void) => {
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      thread.stderr.off('data', listen);
      thread.unref();
      act();
    };
    const onMessage = (result: CompileResult) => settle(() => resolve(result));
    const onError = (error: unknown) => {
      worker = undefined;
      settle(() => reject(error));
    };
    const onExit = () => {
      worker = undefined;
      // The compiler prints where it failed before it exits.
      const reason = said.split('\n').find((line) => /Error: /.test(line)) ?? 'no reason given';
      const file = path.join(request.folder, request.source);
      const message = `${file}: the AssemblyScript compiler crashed (${reason.replace(/^\W+/, '')}); leave out what was changed last`;
      settle(() => resolve({ kind: 'errors', messages: [message] }));
    };
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
    thread.stderr.on('data', listen);
    thread.postMessage(request);
  });
}

function start(): Worker {
  // The compiled package has .js here.
  const extension = path.extname(import.meta.filename);
  return new Worker(new URL(`./compiler-worker${extension}`, import.meta.url), {
    stderr: true,
    execArgv: [],
  });
}
