/**
 * `npm run -s bench -- instantiate`: what an instance costs, in time and memory, and what compiling costs. Times
 * are µs; rows that say so are KiB.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Contender, interleaved, median } from '../interleaved.ts';
import type { BenchResult, Row, Target } from '../result.ts';
import { componentBinary, coreBinary } from './guest.ts';
import { compileIn, type Runtime } from './runtimes.ts';

const rounds = 61;
const coldRounds = 5;
const sizes = { '5 KB': 5_000, '1 MB': 1_000_000 } as const;
const runtimes: readonly Runtime[] = ['weir', 'jco', 'raw'];

export async function instantiate(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  const rows: Row[] = [];
  const targets: Record<string, readonly Target[]> = {};
  const add = (name: string, numbers: Record<string, number>, ...aims: Target[]) => {
    const rounded = Object.entries(numbers).map(([who, value]) => [who, Math.round(value * 10) / 10]);
    rows.push({ case: name, ...Object.fromEntries(rounded) } as Row);
    if (aims.length > 0) targets[name] = aims;
  };
  try {
    const files = await writeGuests(folder);
    add(
      'instantiate',
      await instantiation(),
      { against: 'raw', atMost: 1.3 },
      { against: 'jco', faster: 1.5 },
    );
    add(
      'RSS per instance, KiB',
      await inChildren('rss', files['5 KB'], 1),
      { against: 'raw', atMost: 2 },
      { against: 'jco', faster: 3 },
    );
    for (const size of ['5 KB', '1 MB'] as const) {
      add(`compile and call, warm, ${size}`, await warmCompile(sizes[size]), { against: 'jco', faster: 1 });
      add(`compile and call, cold, ${size}`, await inChildren('cold', files[size], coldRounds));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return { suite: 'instantiate', unit: 'us', node: process.version, rounds, rows, targets };
}

type Files = Record<keyof typeof sizes, Record<Runtime, string>>;

async function writeGuests(folder: string): Promise<Files> {
  const files: Partial<Files> = {};
  for (const [size, bytes] of Object.entries(sizes)) {
    const component = join(folder, `${bytes}.component.wasm`);
    const core = join(folder, `${bytes}.core.wasm`);
    await writeFile(component, await componentBinary(bytes));
    await writeFile(core, await coreBinary(bytes));
    files[size as keyof typeof sizes] = { weir: component, jco: component, raw: core };
  }
  return files as Files;
}

/** µs for a fresh instance of a compiled 5 KB guest. */
async function instantiation(): Promise<Record<string, number>> {
  const contenders: Contender[] = [];
  for (const name of runtimes) {
    const binary = await (name === 'raw' ? coreBinary : componentBinary)(sizes['5 KB']);
    const make = await compileIn[name](binary);
    const run = (times: number) => {
      let last: unknown;
      for (let i = 0; i < times; i++) last = make();
      return last;
    };
    contenders.push({ name, run });
  }
  return inMicroseconds(await interleaved(contenders, rounds));
}

/** µs from bytes that nobody has seen before to the result of a call, once everything needed is loaded. */
async function warmCompile(bytes: number): Promise<Record<string, number>> {
  const contenders: Contender[] = [];
  for (const name of runtimes) {
    const binary = await (name === 'raw' ? coreBinary : componentBinary)(bytes);
    let edition = 0;
    contenders.push({
      name,
      run: async (times) => {
        for (let i = 0; i < times; i++) (await compileIn[name](withEdition(binary, edition++)))().work(1);
      },
    });
  }
  return inMicroseconds(await interleaved(contenders, rounds));
}

/** The same binary, and yet another one: no cache knows it. A custom section at the end tells them apart. */
function withEdition(binary: Uint8Array, edition: number): Uint8Array {
  const section = new Uint8Array([0, 7, 2, 0x65, 0x64, 0, 0, 0, 0]);
  new DataView(section.buffer).setUint32(5, edition);
  return Buffer.concat([binary, section]);
}

/** Medians of what processes of their own print, in turns. */
async function inChildren(
  what: 'rss' | 'cold',
  files: Record<Runtime, string>,
  times: number,
): Promise<Record<string, number>> {
  const child = fileURLToPath(new URL('./child.ts', import.meta.url));
  const samples: Record<string, number[]> = {};
  for (let round = 0; round < times; round++) {
    for (const name of runtimes) {
      const args = ['--expose-gc', child, what, name, files[name]];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      samples[name] ??= [];
      samples[name].push(Number(stdout));
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, all]) => [name, median(all)]));
}

function inMicroseconds(ns: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(ns).map(([name, value]) => [name, value / 1000]));
}
