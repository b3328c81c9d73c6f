/**
 * `components`: real components with a few bits, bytes or sections changed, loaded as an extension and called.
 * Whatever comes of it is an error with a code, a fault of the guest's, or a result of the right type.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessorGuest, RateLimiter } from '../../host/capability/contracts.ts';
import { CapabilityError } from '../../host/capability/errors.ts';
import { ComponentError } from '../../host/component/errors.ts';
import { WeirError } from '../../host/errors.ts';
import { type LoadedExtension, loadExtension } from '../../host/extension/load.ts';
import { faults, makeProbe, Probe } from '../extension/probe.ts';
import { composed } from '../hostile/composed.ts';
import { processor } from '../hostile/guest.ts';
import type { Target } from './campaign.ts';
import type { Random } from './random.ts';
import { type Section, sectionsOf } from './sections.ts';

export interface MutatedComponent {
  readonly base: Uint8Array;
  readonly mutations: readonly Mutation[];
}

/** Places are parts of the whole, from 0 to 1: what comes before may have changed the length. */
type Mutation =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'set'; readonly at: number; readonly value: number }
  | { readonly kind: 'erase' | 'repeat'; readonly at: number; readonly length: number }
  | { readonly kind: 'erase section' | 'repeat section'; readonly at: number }
  | { readonly kind: 'swap sections'; readonly at: number; readonly with: number };

/** Bytes that mean something in many places: ends of LEB128 numbers, types, opcodes. */
const TELLING = [0x00, 0x01, 0x02, 0x03, 0x40, 0x41, 0x60, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0xff];

let bases: Promise<readonly Uint8Array[]> | undefined;

function makeBases(): Promise<readonly Uint8Array[]> {
  const harmless = { expected: { answers: 200 } } as const;
  return Promise.all([
    processor({
      ...harmless,
      process: '(call $ok (i32.const 0) (local.get $at) (local.get $length))',
    }).component(),
    processor({
      ...harmless,
      world: {
        exports: ['configured', 'lifecycle', 'rate-limiter', 'things', 'post-return'],
        imports: ['log', 'clock', 'timers'],
      },
      fields: '(data (i32.const 512) "hello")',
      process: `(call $drop-thing (call $new-thing (i32.const 7)))
        (call $cancel (call $after (i32.const 1000)))
        (call $log (i32.const 2) (i32.const 512) (i32.const 5) (i32.const 0) (i32.const 0))
        (call $err (i32.const 512) (i32.const 5))`,
    }).component(),
    composed({
      ...harmless,
      fields: '(data (i32.const 512) "onetwo")',
      process: `(call $take-char (i32.const 65))
        (call $take-texts (i32.const 512) (i32.const 3) (i32.const 515) (i32.const 3))
        (call $take-numbers (i32.const 1024) (i32.const 4))
        (call $take-level (call $take-switches (i32.const 1))) (call $unchanged)`,
    }).component(),
    makeProbe(),
  ]);
}

function draw(random: Random, base: Uint8Array): MutatedComponent {
  const place = () => random.below(2 ** 30) / 2 ** 30;
  const mutations = Array.from({ length: 1 + random.below(4) }, (): Mutation => {
    switch (random.below(12)) {
      case 0:
        return { kind: 'erase', at: place(), length: 1 + random.below(8) };
      case 1:
        return { kind: 'repeat', at: place(), length: 1 + random.below(64) };
      case 2:
        return { kind: random.below(2) ? 'erase section' : 'repeat section', at: place() };
      case 3:
        return { kind: 'swap sections', at: place(), with: place() };
      case 4:
      case 5:
      case 6:
      case 7:
        return { kind: 'set', at: place(), value: random.one(TELLING) };
      default:
        return { kind: 'flip', at: place(), bit: random.below(8) };
    }
  });
  return { base, mutations };
}

function mutated({ base, mutations }: MutatedComponent): Uint8Array {
  return mutations.reduce((bytes, mutation) => apply(mutation, bytes), base);
}

function apply(mutation: Mutation, bytes: Uint8Array): Uint8Array {
  const at = Math.floor(mutation.at * bytes.length);
  const parts = (...sections: (Section | Uint8Array)[]) =>
    Buffer.concat(
      sections.map((one) => (one instanceof Uint8Array ? one : bytes.subarray(one.start, one.end))),
    );
  switch (mutation.kind) {
    case 'flip':
    case 'set': {
      const copy = Uint8Array.from(bytes);
      copy[at] = mutation.kind === 'set' ? mutation.value : copy[at]! ^ (1 << mutation.bit);
      return copy;
    }
    case 'erase':
      return parts(bytes.subarray(0, at), bytes.subarray(at + mutation.length));
    case 'repeat':
      return parts(bytes.subarray(0, at + mutation.length), bytes.subarray(at));
    default: {
      const sections = sectionsOf(bytes);
      const one = Math.floor(mutation.at * sections.length);
      const other = mutation.kind === 'swap sections' ? Math.floor(mutation.with * sections.length) : one;
      const order = sections.flatMap((section, i) => {
        if (mutation.kind === 'swap sections')
          return i === one ? [sections[other]!] : i === other ? [sections[one]!] : [section];
        if (i !== one) return [section];
        return mutation.kind === 'erase section' ? [] : [section, section];
      });
      return parts(bytes.subarray(0, 8), ...order);
    }
  }
}

const LIMITS = { memoryBytes: 2 ** 20, callDeadlineMs: 20, startDeadlineMs: 20 } as const;

const folder = mkdtempSync(join(tmpdir(), 'weir-fuzz-'));
const outcomes: Record<string, number> = {};

async function check(input: MutatedComponent): Promise<string | undefined> {
  const path = join(folder, 'component.wasm');
  writeFileSync(path, mutated(input));
  let extension: LoadedExtension;
  try {
    extension = await loadExtension(path, { contracts: [Probe], limits: LIMITS });
  } catch (error) {
    if (!(error instanceof WeirError)) return `loading ended in ${told(error)}`;
    count(error.code);
    return undefined;
  }
  try {
    return call(extension);
  } finally {
    extension.stop();
  }
}

/** Call all that it offers. */
function call(extension: LoadedExtension): string | undefined {
  const guest = extension.optional(ProcessorGuest);
  const limiter = extension.optional(RateLimiter);
  const probe = extension.optional(Probe);
  const batch = Buffer.from('a batch of telemetry');
  const calls: [string, () => boolean][] = [];
  if (guest !== undefined) {
    calls.push([
      'process',
      () => ['forward', 'unchanged', 'drop'].includes(guest.process('logs', batch).tag),
    ]);
  }
  if (limiter !== undefined) calls.push(['try-acquire', () => typeof limiter.tryAcquire(1) === 'boolean']);
  if (probe !== undefined) {
    calls.push(
      ['even', () => typeof probe.even(2) === 'number'],
      ['even, of an odd number', () => typeof probe.even(3) === 'number'],
      ['say', () => probe.say(3) === undefined],
      ['set-timer', () => typeof probe.setTimer(1, true) === 'number'],
      ['fault', () => probe.fault(faults['memory-out-of-bounds']) === undefined],
    );
  }
  for (const [name, made] of calls) {
    try {
      if (!made()) return `${name} gave a result of the wrong type`;
      count('result');
    } catch (error) {
      if (error instanceof ComponentError) count('err');
      else if (error instanceof CapabilityError)
        count(extension.status().instances[0]!.lastFaults.at(-1)?.detail ?? 'down');
      else return `${name} ended in ${told(error)}`;
    }
  }
  return undefined;
}

function told(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : String(error);
}

function count(outcome: string): void {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}

export const componentsTarget: Target<MutatedComponent> = {
  name: 'components',
  async draw(random) {
    bases ??= makeBases();
    return draw(random, random.one(await bases));
  },
  check,
  *shrink(input) {
    if (input.mutations.length < 2) return;
    for (const left of input.mutations) {
      yield { ...input, mutations: input.mutations.filter((one) => one !== left) };
    }
  },
  save: (input) => `${Buffer.from(mutated(input)).toString('base64')}\n`,
  load: (saved) => ({ base: Buffer.from(saved, 'base64'), mutations: [] }),
  summary: () => `what came of them: ${JSON.stringify(outcomes)}`,
};
