/**
 * Every guest in `guests/` is run by the real engine, beside a pipeline that behaves. Whatever it does, it
 * is told by the exact fault or the exact error, its neighbour notices nothing, memory comes back, and
 * the next call finds a fresh instance, or an extension in quarantine.
 */
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LinkError } from '../../host/component/errors.ts';
import { InvalidConfigError } from '../../host/config/errors.ts';
import { WeirError } from '../../host/errors.ts';
import { describeFault } from '../../host/extension/fault.ts';
import { Engine } from '../../host/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { Expected, HostileGuest } from './guest.ts';
import { HealthyTraffic, healthyPipeline, writeHealthyGuest } from './healthy-pipeline.ts';
import { type Outcome, RESTARTS, runGuest, settledMemory } from './run-guest.ts';

/** Memory that the process may keep over all guests, bytes: code and buffers that V8 and Node hold back. */
const KEPT = 96 * 2 ** 20;

/** Guests that are run before memory is measured. */
const WARM_UP = 10;

/** Longest that the neighbour's batch may take, ms. It shares the thread with the hostile guest's compilation. */
const WAIT_MS = 2_000;

const folder = new URL('./guests/', import.meta.url);
const guests = await Promise.all(
  readdirSync(folder).map(async (file) => {
    const { default: guest } = (await import(new URL(file, folder).href)) as { default: HostileGuest };
    return [file.replace('.ts', ''), guest] as const;
  }),
);

let standing: { engine: Engine; traffic: HealthyTraffic; folder: string };
let level: number;

beforeAll(async () => {
  const home = await mkdtemp(join(tmpdir(), 'weir-'));
  await writeHealthyGuest(home);
  const pipelines = { standing: healthyPipeline(home, 'standing.jsonl') };
  const engine = await Engine.start({ version: 'weir/v1', groups: { default: { pipelines } } });
  const traffic = new HealthyTraffic(engine, 'standing', join(home, 'standing.jsonl'));
  standing = { engine, traffic, folder: home };
  // What the first guests and their traffic make the process load and compile, it keeps.
  for (const [, guest] of guests.slice(0, WARM_UP)) {
    await runGuest(guest, home, traffic);
    settledMemory();
  }
  level = settledMemory();
});

afterAll(async () => {
  await standing.engine.stop();
  await rm(standing.folder, { recursive: true });
});

it.each(guests)(
  '%s',
  async (_, guest) => {
    const home = await temporaryFolder();
    await writeHealthyGuest(home);
    const outcome = await runGuest(guest, home, standing.traffic);
    expect(summary(outcome, guest.expected)).toEqual(guest.expected);
    expect(outcome.neighbour).toEqual([]);
    expect(outcome.neighbourSent).toBeGreaterThan(0);
    expect(outcome.neighbourWait).toBeLessThan(WAIT_MS);
    if ('fault' in guest.expected) expectRecovery(outcome, guest);
    guest.check?.(outcome);
    // Collecting takes longer than most guests do; what the system takes back, it takes in its own time.
    if (process.memoryUsage.rss() - level > KEPT / 2) {
      await expect.poll(() => settledMemory() - level, { timeout: 5_000 }).toBeLessThan(KEPT);
    }
  },
  30_000,
);

it('the corpus is whole', () => {
  expect(guests.length).toBeGreaterThanOrEqual(60);
});

/** Each fault is answered, and a fresh instance faults in the same way; after one too many it is left alone. */
function expectRecovery({ answers, instance, faults }: Outcome, { entered = 'batch' }: HostileGuest): void {
  expect(new Set(faults.map(({ detail }) => detail)).size).toBe(1);
  expect([faults.length, instance!.restarts, instance!.state]).toEqual([
    RESTARTS + 1,
    RESTARTS,
    'quarantined',
  ]);
  expect(answers.at(-1)).toEqual({
    status: 503,
    message: expect.stringMatching(/`hostile` is quarantined: /),
  });
  for (const { status, message } of entered === 'batch' ? answers.slice(0, -1) : []) {
    expect([status, message]).toEqual([503, expect.stringMatching(/`hostile` faulted: /)]);
  }
}

/** What came of a guest, in the words of what was expected of it, as far as that goes. */
function summary(outcome: Outcome, expected: Expected): unknown {
  const { refusal, faults, answers } = outcome;
  if (refusal !== undefined) {
    const [code] = codesOf(refusal);
    if (code === 'WEIR_EXTENSION_START') return { failsToStart: whyNotStarted((refusal as Error).cause) };
    return { refused: code ?? String(refusal), ...matched(expected, (refusal as Error).message) };
  }
  const [fault] = faults;
  if (fault === undefined) return { answers: answers[0]?.status };
  const { detail, function: name } = fault;
  return 'function' in expected ? { fault: detail, function: name } : { fault: detail };
}

function codesOf(error: unknown): string[] {
  if (error instanceof InvalidConfigError) return error.errors.map(({ code }) => code);
  if (error instanceof WeirError && 'errors' in error)
    return (error.errors as WeirError[]).map(({ code }) => code);
  return error instanceof WeirError ? [error.code] : [];
}

/** A message is told as the pattern that it matches, as one that does not match it otherwise. */
function matched(expected: Expected, message: string): { message?: unknown } {
  if (!('message' in expected)) return {};
  return { message: expected.message!.test(message) ? expected.message : message };
}

function whyNotStarted(cause: unknown): string {
  return cause instanceof LinkError ? 'link' : describeFault(cause, 0).detail;
}
