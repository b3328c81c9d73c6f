/** Does memory stay where it is? `npm run -s bench -- endurance` asks it of a million calls and of a million instances. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchResult, Row } from '../result.ts';

const million = 1_000_000;

/** By how much memory grew, bytes, once the first three tenths had warmed everything up. */
export interface Growth {
  /** Resident memory of the process. */
  readonly rss: number;
  /** What is alive after garbage collection: small leaks show here. */
  readonly heap: number;
}

/** Repeat something in a process of its own. */
export async function growth(what: 'calls' | 'instances', times: number): Promise<Growth> {
  const child = fileURLToPath(new URL('./child.ts', import.meta.url));
  // With a large young generation V8 takes long to settle, and a leak would hide in that.
  const args = ['--expose-gc', '--max-semi-space-size=1', child, what, String(times)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const sizes = JSON.parse(stdout) as Growth[];
  const [first, last] = [sizes[2]!, sizes.at(-1)!];
  return { rss: last.rss - first.rss, heap: last.heap - first.heap };
}

export async function endurance(): Promise<BenchResult> {
  const rows: Row[] = [];
  for (const what of ['calls', 'instances'] as const) {
    for (const [memory, bytes] of Object.entries(await growth(what, million))) {
      rows.push({
        case: `${million.toLocaleString('en')} ${what}, ${memory}`,
        weir: Math.round(bytes / 1024),
      });
    }
  }
  return {
    suite: 'endurance',
    unit: 'KiB of growth',
    node: process.version,
    rounds: 1,
    rows,
    targets: {},
  };
}
