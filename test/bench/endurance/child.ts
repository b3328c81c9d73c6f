/**
 * One endurance run in a process of its own, started with --expose-gc. Arguments: what is repeated, how often.
 * Prints the resident memory and the live heap, bytes, after each of ten equal parts, as JSON.
 */
import { compileComponent } from '../../../host/component/compile.ts';
import type { InterfaceExports } from '../../../host/component/component.ts';
import { callsInterface, componentBinary, hostInterface } from '../calls/guest.ts';
import { BenchHost } from '../calls/peers.ts';
import {
  guestInterface,
  componentBinary as sizedComponent,
  hostInterface as sizedHost,
} from '../instantiate/guest.ts';

const parts = 10;

const { now, note, pause } = new BenchHost();
const component = await compileComponent(await componentBinary({ async: true }));
const small = await compileComponent(await sizedComponent(5_000));

const [what, times] = process.argv.slice(2) as [string, string];
const repeat = { calls: manyCalls(), instances: manyInstances }[what]!;
const sizes: { rss: number; heap: number }[] = [];
for (let part = 0; part < parts; part++) {
  await repeat(Number(times) / parts);
  for (let i = 0; i < 3; i++) globalThis.gc!();
  const { rss, heapUsed, external } = process.memoryUsage();
  sizes.push({ rss, heap: heapUsed + external });
}
console.log(JSON.stringify(sizes));

/** Calls of every sort on one instance: scalars, strings, lists, records, an err, resources, a suspension. */
function manyCalls(): (times: number) => Promise<void> {
  const calls: InterfaceExports = component.instantiate({ [hostInterface]: { now, note, pause } }).exports[
    callsInterface
  ]!;
  const bytes = new Uint8Array(100);
  const samples = [{ id: 1, score: 0.5, name: 'one' }];
  return async (times) => {
    for (let i = 0; i < times; i += 10) {
      calls.isOdd(i);
      calls.identify('token-42');
      calls.echoText(`text ${i}`);
      calls.echoBytes(bytes);
      calls.echoSamples(samples);
      calls.echoShape({ tag: 'text', val: 'x' });
      calls.readClock(2);
      calls.writeNotes(2);
      const counter = new calls.Counter(i);
      counter[Symbol.dispose]();
      await calls.later(i);
    }
  };
}

/** Instances that are made, called once and let go. */
async function manyInstances(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    small.instantiate({ [sizedHost]: { now, note } }).exports[guestInterface]!.work(i);
    // The memories of instances are freed between turns of the event loop.
    if (i % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
  }
}
