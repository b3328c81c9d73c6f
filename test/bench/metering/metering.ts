/**
 * What checks cost: each program is run as it is and instrumented, in turns. Also how fast modules are
 * rewritten, and by how much their code grows.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { addedImports, enter, instrument, leave } from '../../../host/sandbox/preemption/index.ts';
import { readSections, Section } from '../../../host/sandbox/preemption/sections.ts';
import { type Comparison, compare } from './interleaved.ts';
import { type Group, type Program, programs } from './programs.ts';

const ROUNDS = 51;

interface Row extends Comparison {
  readonly case: string;
  readonly group: Group;
}

export interface MeteringResult {
  readonly suite: 'metering';
  readonly unit: 'ms/run';
  readonly node: string;
  readonly rounds: number;
  readonly rows: readonly Row[];
  /** By group. */
  readonly geometricMeans: Readonly<Record<Group, number>>;
  readonly worst: Readonly<Record<Group, number>>;
  readonly rewriter: RewriterResult;
}

export async function metering(): Promise<MeteringResult> {
  const rows: Row[] = [];
  // Nobody is to be stopped here.
  const entered = enter(0);
  try {
    for (const program of await programs()) rows.push(measure(program));
  } finally {
    leave(entered);
  }
  const ratios = (group: Group) => rows.filter((row) => row.group === group).map(({ ratio }) => ratio);
  const mean = (group: Group) =>
    Math.exp(ratios(group).reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios(group).length);
  return {
    suite: 'metering',
    unit: 'ms/run',
    node: process.version,
    rounds: ROUNDS,
    rows,
    geometricMeans: { kernel: round(mean('kernel')), application: round(mean('application')) },
    worst: { kernel: Math.max(...ratios('kernel')), application: Math.max(...ratios('application')) },
    rewriter: measureRewriter(),
  };
}

function measure({ case: name, group, module, work }: Program): Row {
  const { bytes, added } = instrument(module);
  const plain = work(new WebAssembly.Instance(new WebAssembly.Module(module)).exports);
  const metered = work(
    new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), addedImports(added!)).exports,
  );
  const [expected, actual] = [plain(), metered()];
  if (!Object.is(expected, actual))
    throw new RangeError(`${name}: plain gives ${expected}, metered ${actual}`);
  const comparison = compare(plain, metered, ROUNDS);
  return {
    case: name,
    group,
    plain: round(comparison.plain),
    metered: round(comparison.metered),
    ratio: round(comparison.ratio),
  };
}

interface RewriterResult {
  readonly module: string;
  readonly bytes: number;
  /** Of the whole module, once the rewriter is warm. */
  readonly megabytesPerSecond: number;
  /** Size of the code section after, by that before. */
  readonly codeGrowth: number;
}

/** On a real module of some megabytes: wasm-tools, compiled from Rust. */
function measureRewriter(): RewriterResult {
  const file = fileURLToPath(
    new URL(
      '../vendor/wasm-tools.core.wasm',
      import.meta.resolve('@bytecodealliance/jco-transpile/wasm-tools'),
    ),
  );
  const module = new Uint8Array(readFileSync(file));
  let best = Number.POSITIVE_INFINITY;
  let bytes = module;
  for (let run = 0; run < 15; run++) {
    const start = performance.now();
    bytes = new Uint8Array(instrument(module).bytes);
    best = Math.min(best, performance.now() - start);
  }
  const codeBytes = (of: Uint8Array) => {
    const { start, end } = readSections(of).known.get(Section.code)!;
    return end - start;
  };
  return {
    module: 'wasm-tools.core.wasm',
    bytes: module.length,
    megabytesPerSecond: Math.round(module.length / best / 1_000),
    codeGrowth: round(codeBytes(bytes) / codeBytes(module)),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
