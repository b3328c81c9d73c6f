import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { beforeAll, expect, test } from 'vitest';
import {
  controlMemory,
  enter,
  leave,
  NESTED,
  pastDeadline,
  watched,
} from '../../../host/sandbox/preemption/control.ts';
import { Word } from '../../../host/sandbox/preemption/watchdog-protocol.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { assemble, exported, meteredInstance, within } from './metered.ts';

/** `run` calls the host until that answers 0. */
const untilTold =
  '(module (import "host" "more" (func $more (result i32))) (func (export "run") (loop (br_if 0 (call $more)))))';
const untilTime = (ms: number) => {
  const end = performance.now() + ms;
  return () => (performance.now() < end ? 1 : 0);
};

let told: Uint8Array;
let spin: WebAssembly.ExportedFunction;
beforeAll(async () => {
  told = await assemble(untilTold);
  spin = exported(meteredInstance(await assemble('(module (func (export "run") (loop (br 0))))')), 'run');
  await watched();
});

function runWhile(more: () => number): WebAssembly.ExportedFunction {
  return exported(meteredInstance(told, { host: { more } }), 'run');
}

test('no call is stopped for those before it', () => {
  const end = performance.now() + 400;
  let calls = 0;
  let more = () => 0;
  const run = runWhile(() => more());
  while (performance.now() < end) {
    more = untilTime(5);
    within(30, run).get();
    calls++;
  }
  expect(calls).toBeGreaterThan(20);
});

test('a call right after a stopped one has its whole time', () => {
  expect(within(20, spin).stopped).toBe(true);
  within(200, runWhile(untilTime(60))).get();
});

test('a guest called by another one uses the time of the outer one', () => {
  const inner = runWhile(() => 1);
  let innerStopped: boolean | undefined;
  let enteredAs: number | undefined;
  const outer = runWhile(() => {
    enteredAs = enter(60_000);
    try {
      inner();
    } catch (error) {
      innerStopped = pastDeadline();
      throw error;
    } finally {
      leave(enteredAs);
    }
    return 1;
  });
  const outcome = within(40, outer);
  expect(enteredAs).toBe(NESTED);
  expect(innerStopped).toBe(true);
  expect(outcome.stopped).toBe(true);
  expect(outcome.tookMs).toBeLessThan(10_000);
});

test('a host that swallows the end of an inner guest does not save the outer one', () => {
  const outer = runWhile(() => {
    expect(within(60_000, spin).stopped).toBe(true);
    return 1;
  });
  expect(within(40, outer).stopped).toBe(true);
});

test('a nested call has no deadline of its own', () => {
  const inner = runWhile(untilTime(60));
  let calls = 0;
  within(
    10_000,
    runWhile(() => {
      within(1, inner).get();
      return calls++ < 1 ? 1 : 0;
    }),
  ).get();
  expect(calls).toBe(2);
});

test('a deadline of 0 is none', () => {
  within(0, runWhile(untilTime(150))).get();
});

test('guest code that was not entered traps, and that is nobody’s deadline', () => {
  expect(() => spin()).toThrow(WebAssembly.RuntimeError);
  expect(pastDeadline()).toBe(false);
});

test('after a rest, in which the watchdog slept, calls are watched again', async () => {
  const words = new Int32Array(controlMemory().buffer);
  await expect.poll(() => words[Word.asleep], { timeout: 5_000 }).toBe(1);
  const outcome = within(30, spin);
  expect(outcome.stopped).toBe(true);
  expect(words[Word.asleep]).toBe(0);
});

test('guests on other threads are stopped, by the same watchdog', async () => {
  const results = await Promise.all(
    [1, 2].map(async () => {
      const worker = new Worker(new URL('./spinning-thread.ts', import.meta.url));
      const [result] = (await once(worker, 'message')) as [{ stopped: boolean; watchdogs: number }];
      await worker.terminate();
      return result;
    }),
  );
  expect(results).toEqual([
    { stopped: true, inherited: true },
    { stopped: true, inherited: true },
  ]);
  expect(within(20, spin).stopped).toBe(true);
});

test('time in which the whole process was halted does not count', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'halted-process.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  await expect.poll(() => output.join(''), { timeout: 10_000 }).toContain('running');
  child.kill('SIGSTOP');
  // Four times the guest's deadline.
  await new Promise((resolve) => setTimeout(resolve, 800));
  child.kill('SIGCONT');
  await once(child, 'exit');
  expect(output.join('')).toContain('returned by itself');
});

test('the emitted JavaScript stops guests too, and its watchdog does not keep the process', async () => {
  const folder = await temporaryFolder();
  const root = join(import.meta.dirname, '../../..');
  const sources = ['index.ts', 'watchdog-thread.ts'].map((file) =>
    join(root, 'host/sandbox/preemption', file),
  );
  const types = join(root, 'host/component/webassembly.d.ts');
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), [
    ...['--ignoreConfig', '--module', 'nodenext', '--target', 'esnext', '--types', 'node', '--skipLibCheck'],
    ...['--typeRoots', join(root, 'node_modules/@types'), '--rewriteRelativeImportExtensions'],
    ...['--rootDir', root, '--outDir', folder, ...sources, types],
  ]);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const bytes = JSON.stringify([...(await assemble('(module (func (export "run") (loop (br 0))))'))]);
  await writeFile(
    join(folder, 'main.js'),
    `import { addedImports, enter, instrument, leave, pastDeadline } from './host/sandbox/preemption/index.js';
    const { bytes, added } = instrument(Uint8Array.from(${bytes}));
    const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes), addedImports(added)).exports;
    const entered = enter(30);
    try { run(); } catch { process.stdout.write('stopped: ' + pastDeadline()); } finally { leave(entered); }`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, ['main.js'], {
    cwd: folder,
    timeout: 10_000,
  });
  expect(stdout).toBe('stopped: true');
});
