/** `npm run -s bench -- calls`: what one call costs, against the bare core export, jco and Extism. */
import { isDeepStrictEqual } from 'node:util';
import { awaitingLoop, type Contender, interleaved, loop } from '../interleaved.ts';
import type { BenchResult, Row, Target } from '../result.ts';
import { note } from './guest.ts';
import { BenchHost, extismPlugin, jcoCalls, rawCalls, weirCalls } from './peers.ts';

const rounds = 61;
/** Calls of an import in one call of the guest. */
const inner = 1_000;

interface Case {
  readonly name: string;
  readonly contenders: readonly Contender[];
  /** One run of a contender does it so many times. */
  readonly per?: number;
  readonly targets?: readonly Target[];
}

export async function calls(): Promise<BenchResult> {
  const rows: Row[] = [];
  const targets: Record<string, readonly Target[]> = {};
  for (const one of await cases()) {
    const times = await interleaved(one.contenders, rounds);
    const perCall = Object.entries(times).map(([name, ns]) => [name, round(ns / (one.per ?? 1))]);
    rows.push({ case: one.name, ...Object.fromEntries(perCall) } as Row);
    if (one.targets) targets[one.name] = one.targets;
  }
  return { suite: 'calls', unit: 'ns/call', node: process.version, rounds, rows, targets };
}

function round(ns: number): number {
  return ns < 100 ? Math.round(ns * 10) / 10 : Math.round(ns);
}

async function cases(): Promise<Case[]> {
  const host = new BenchHost();
  const [weir, jco, raw, plugin] = await Promise.all([
    weirCalls(host),
    jcoCalls(host),
    rawCalls(host),
    extismPlugin(),
  ]);
  const realloc = raw.exports.cabi_realloc;
  const token = 'token-42';
  const line = 'The quick brown fox jumps over the lazy dog, twice. '.repeat(5).slice(0, 256);
  const samples = Array.from({ length: 100 }, (_, id) => ({ id, score: id / 3, name: `sample ${id}` }));
  const point = { tag: 'point', val: [1.5, 2.5] };

  /** The same JavaScript against ours and jco's. */
  const both = (body: string, use: Record<string, unknown> = {}): Contender[] => [
    { name: 'weir', run: loop(body, { ...use, calls: weir }) },
    { name: 'jco', run: loop(body, { ...use, calls: jco }) },
  ];
  const bare = (body: string, use: Record<string, unknown>): Contender => ({
    name: 'raw',
    run: loop(body, { ...use, realloc }),
  });
  const native = (body: string, use: Record<string, unknown>): Contender => ({
    name: 'native',
    run: loop(body, use),
  });
  const extism = (body: string, use: Record<string, unknown> = {}): Contender => ({
    name: 'extism',
    // Blocks of its memory pile up until it is reset; some 32,000 of them end it.
    run: awaitingLoop(`${body} if (++kept.blocks % 256 === 0) await plugin.reset();`, {
      ...use,
      plugin,
      kept: { blocks: 0 },
    }),
  });

  const bytesCase = (name: string, size: number, targets?: readonly Target[]): Case => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i);
    const memory = new Uint8Array(raw.memory.buffer);
    const echo = raw.call('echo-bytes');
    const post = raw.postReturn('echo-bytes');
    const use = { bytes, memory, echo, post, length: size, words: new Uint32Array(raw.memory.buffer) };
    return {
      name,
      contenders: [
        ...both('sink = calls.echoBytes(bytes);', { bytes }),
        bare(
          `const at = realloc(0, 0, 1, length); memory.set(bytes, at); const area = echo(at, length);
          const from = words[area >>> 2]; sink = memory.slice(from, from + words[(area >>> 2) + 1]); post(area);`,
          use,
        ),
        extism('sink = (await plugin.call("echo", bytes)).bytes();', { bytes }),
      ],
      ...(targets ? { targets } : {}),
    };
  };

  const stringCase = (
    name: string,
    wit: string,
    js: string,
    text: string,
    targets: readonly Target[],
  ): Case => ({
    name,
    contenders: [
      ...both(`sink = calls.${js}(text);`, { text }),
      bare('const at = realloc(0, 0, 1, length); sink = core(at, length); post(sink);', {
        core: raw.call(wit),
        post: raw.postReturn(wit),
        length: text.length,
      }),
      ...(wit === 'echo-text' ? [extism('sink = (await plugin.call("echo", text)).text();', { text })] : []),
    ],
    targets,
  });

  const rawCounter = raw.call('[constructor]counter')(0);
  const all: Case[] = [
    {
      name: 'u32->bool',
      contenders: [
        ...both('sink = calls.isOdd(i);'),
        bare('sink = calls.isOdd(i);', { calls: { isOdd: raw.call('is-odd') } }),
        native('sink = calls.isOdd(i);', { calls: { isOdd: (n: number) => (n & 1) === 1 } }),
        extism('input[0] = i; sink = (await plugin.call("is_odd", input)).getUint8(0);', {
          input: new Uint8Array(1),
        }),
      ],
      targets: [
        { against: 'raw', atMost: 2 },
        { against: 'jco', faster: 150 },
      ],
    },
    {
      name: 'f64,f64->f64',
      contenders: [
        ...both('sink = calls.add(i, 0.5);'),
        bare('sink = calls.add(i, 0.5);', { calls: { add: raw.call('add') } }),
        native('sink = calls.add(i, 0.5);', { calls: { add: (a: number, b: number) => a + b } }),
      ],
      targets: [
        { against: 'raw', atMost: 2 },
        { against: 'jco', faster: 150 },
      ],
    },
    stringCase('string8->result<record>', 'identify', 'identify', token, [
      { against: 'raw', plus: 120 },
      { against: 'jco', faster: 15 },
    ]),
    stringCase('string256->string', 'echo-text', 'echoText', line, [
      { against: 'raw', plus: 250 },
      { against: 'jco', faster: 8 },
    ]),
    bytesCase('list<u8> 64 echo', 64),
    bytesCase('list<u8> 1Ki echo', 1 << 10),
    bytesCase('list<u8> 64Ki echo', 1 << 16, [
      { against: 'raw', atMost: 1.15 },
      { against: 'jco', faster: 1.1 },
    ]),
    bytesCase('list<u8> 1Mi echo', 1 << 20, [
      { against: 'raw', atMost: 1.15 },
      { against: 'jco', faster: 1.1 },
    ]),
    {
      name: 'list<record>x100',
      contenders: [
        ...both('sink = calls.echoSamples(samples);', { samples }),
        bare('const at = realloc(0, 0, 8, 2400); sink = core(at, 100); post(sink);', {
          core: raw.call('echo-samples'),
          post: raw.postReturn('echo-samples'),
        }),
      ],
      targets: [{ against: 'jco', faster: 5 }],
    },
    {
      name: 'variant',
      contenders: [
        ...both('sink = calls.echoShape(point);', { point }),
        bare('sink = core(3, 0n, 0n); post(sink);', {
          core: raw.call('echo-shape'),
          post: raw.postReturn('echo-shape'),
        }),
      ],
    },
    {
      name: 'import ()->u64',
      per: inner,
      contenders: [
        ...both(`sink = calls.readClock(${inner});`),
        bare(`sink = read(${inner});`, { read: raw.call('read-clock') }),
      ],
      targets: [
        { against: 'raw', atMost: 2 },
        { against: 'jco', faster: 20 },
      ],
    },
    {
      name: 'import string',
      per: inner,
      contenders: [
        ...both(`sink = calls.writeNotes(${inner});`),
        bare(`sink = write(${inner});`, { write: raw.call('write-notes') }),
      ],
      targets: [
        { against: 'raw', atMost: 1.3 },
        { against: 'jco', faster: 20 },
      ],
    },
    {
      name: 'resource method',
      contenders: [
        { name: 'weir', run: loop('sink = counter.add(1);', { counter: new weir.Counter(0) }) },
        { name: 'jco', run: loop('sink = counter.add(1);', { counter: new jco.Counter(0) }) },
        bare('sink = add(rep, 1);', { add: raw.call('[method]counter.add'), rep: rawCounter }),
      ],
    },
    {
      name: 'async no suspend',
      contenders: [
        { name: 'weir', run: awaitingLoop('sink = await calls.soon(i);', { calls: weir }) },
        { name: 'raw', run: awaitingLoop('sink = await soon(i);', { soon: promising(raw.call('soon')) }) },
      ],
      targets: [{ against: 'raw', atMost: 1.25 }],
    },
    {
      name: 'async suspend',
      contenders: [
        { name: 'weir', run: awaitingLoop('sink = await calls.later(i);', { calls: weir }) },
        { name: 'raw', run: awaitingLoop('sink = await later(i);', { later: promising(raw.call('later')) }) },
      ],
    },
  ];
  for (const one of all) await check(one, host);
  return all;
}

function promising(core: (...args: unknown[]) => unknown): unknown {
  return WebAssembly.promising(core as unknown as WebAssembly.ExportedFunction);
}

/**
 * Each contender does it once before anything is measured, so that a wrong guest shows at once.
 * @throws TypeError where ours and jco's return different things
 */
async function check(one: Case, host: BenchHost): Promise<void> {
  const results = new Map<string, unknown>();
  for (const { name, run } of one.contenders) {
    host.noted = '';
    results.set(name, await run(1));
    if (one.name === 'import string' && host.noted !== note) {
      throw new TypeError(`${one.name}: ${name} noted "${host.noted}"`);
    }
  }
  if (results.has('jco') && !isDeepStrictEqual(results.get('weir'), results.get('jco'))) {
    throw new TypeError(`${one.name}: ours returns something else than jco's`);
  }
}
