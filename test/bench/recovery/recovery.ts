/**
 * How soon a fault is made good, and how far a call runs past its deadline. `fault to next good call` is from
 * before the call that faults to the result of the next one, with a spare standing by.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout, setImmediate as turn } from 'node:timers/promises';
import { ProcessorGuest } from '../../../host/capability/contracts.ts';
import { loadExtension } from '../../../host/extension/load.ts';
import { processor } from '../../hostile/guest.ts';

interface Row {
  readonly case: string;
  readonly unit: 'µs' | 'ms';
  readonly p50: number;
  readonly p99: number;
}

const FAULTS = 2_000;
const OVERRUNS = 100;
const DEADLINE_MS = 50;
const WINDOW_MS = 1;

/** Traps on a batch that begins with 1, does not end on one that begins with 2. */
const guest = processor({
  expected: { answers: 200 },
  process: `(global.set $heap (i32.const 4096))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 1)) (then unreachable))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 2)) (then (loop $more (br $more))))
    (call $unchanged)`,
});

export async function recovery(): Promise<{ rows: Row[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  const path = join(folder, 'guest.wasm');
  await writeFile(path, await guest.component());
  try {
    return { rows: [await measure(path, 1, FAULTS), await measure(path, 2, OVERRUNS)] };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(path: string, command: 1 | 2, times: number): Promise<Row> {
  const extension = await loadExtension(path, {
    limits: { callDeadlineMs: DEADLINE_MS },
    // Each fault is the first of its window, and is made good at once.
    supervision: { restart: { windowMs: WINDOW_MS } },
  });
  const { process } = extension.require(ProcessorGuest);
  const [good, bad] = [Buffer.alloc(8), Buffer.alloc(8, command)];
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    // The window passes, and a spare is prepared.
    await setTimeout(2 * WINDOW_MS);
    await turn();
    const before = performance.now();
    try {
      process('logs', bad);
    } catch {
      // The fault that was asked for.
    }
    if (command === 2) took.push(performance.now() - before - DEADLINE_MS);
    process('logs', good);
    if (command === 1) took.push((performance.now() - before) * 1000);
  }
  extension.stop();
  took.sort((a, b) => a - b);
  const at = (part: number) => Number(took[Math.floor(part * (took.length - 1))]!.toFixed(2));
  const name = command === 1 ? 'fault to next good call' : 'deadline overshoot';
  return { case: name, unit: command === 1 ? 'µs' : 'ms', p50: at(0.5), p99: at(0.99) };
}
