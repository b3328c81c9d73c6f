/**
 * What the thread of `compiler-thread.ts` runs: answers each request with its result. When `asc` crashes it
 * prints where and calls `process.exit`; in this thread, which is there for nothing else, the one is
 * collected and the other thrown, so that a crash becomes a result too.
 */
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import { type CompileRequest, type CompileResult, compileSource } from './compile.ts';

let printed = '';

console.error = (...parts: unknown[]) => {
  printed += `${parts.join(' ')}\n`;
};

process.exit = (() => {
  throw new TypeError('the compiler wanted to end the process');
}) as typeof process.exit;

parentPort?.on('message', async (request: CompileRequest) => {
  printed = '';
  parentPort?.postMessage(await compileSource(request).catch((error: unknown) => crash(request, error)));
});

function crash(request: CompileRequest, error: unknown): CompileResult {
  const reason = /\w*Error: .*/.exec(printed)?.[0] ?? String(error);
  const file = path.join(request.folder, request.source);
  const message = `${file}: the AssemblyScript compiler crashed (${reason}); undo what was changed last`;
  return { kind: 'errors', messages: [message] };
}
