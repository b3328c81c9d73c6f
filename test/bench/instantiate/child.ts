/**
 * What is measured in a process of its own, because it is about the process: memory, and the first compilation.
 * Arguments: what to measure, the runtime, the file with the binary. Prints one number.
 */
import { readFileSync } from 'node:fs';
import { compileIn, type Instantiate, type Runtime } from './runtimes.ts';

const [what, runtime, file] = process.argv.slice(2) as [string, Runtime, string];
const binary = new Uint8Array(readFileSync(file));

const measures: Record<string, () => Promise<number>> = { rss: rssPerInstance, cold: coldCompile };
console.log(await measures[what]!());

/** KiB of resident memory for each of 5,000 live instances. */
async function rssPerInstance(): Promise<number> {
  const count = 5_000;
  const instantiate = await compileIn[runtime](binary);
  const kept: ReturnType<Instantiate>[] = [];
  // What the first ones cost is not per instance.
  for (let i = 0; i < 100; i++) kept.push(instantiate());
  const before = settledRss();
  for (let i = 0; i < count; i++) {
    const instance = instantiate();
    instance.work(i);
    kept.push(instance);
  }
  const after = settledRss();
  if (kept.length !== count + 100) throw new RangeError('instances were lost');
  return (after - before) / count / 1024;
}

function settledRss(): number {
  for (let i = 0; i < 4; i++) globalThis.gc!();
  return process.memoryUsage.rss();
}

/** µs from the bytes to the result of the first call, in a process that has loaded nothing for it yet. */
async function coldCompile(): Promise<number> {
  const start = performance.now();
  const instance = (await compileIn[runtime](binary))();
  instance.work(1);
  return (performance.now() - start) * 1000;
}
