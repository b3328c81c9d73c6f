/**
 * `guests`: random schedules of batches and of time against a real extension, supervised, behind the real
 * `processor:wasm` in a real pipeline. A model says how each batch must be answered, and where states,
 * counters and restarts must stand after each step. No batch may be lost, or settled twice.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import {
  DEFAULT_LIMITS,
  DEFAULT_SUPERVISION,
  type ExtensionConfig,
  type SupervisionConfig,
} from '../../host/config/model.ts';
import { preparePipelineExtensions } from '../../host/extension/pipeline-extensions.ts';
import { wasmProcessor } from '../../host/nodes/processors/wasm.ts';
import type { Outcome } from '../../host/pipeline/delivery.ts';
import type { Exporter, Output, Receiver } from '../../host/pipeline/node.ts';
import { NO_GRANTS } from '../../host/sandbox/grants.ts';
import { ManualClock } from '../manual-clock.ts';
import { chain, configured, node } from '../pipeline/parts.ts';
import type { Target } from './campaign.ts';
import type { Random } from './random.ts';
import { commands, type Effect, REFUSING, scriptedGuest } from './scripted-guest.ts';
import { SupervisionModel } from './supervision-model.ts';

/** Batches sent one right after the other, by the numbers of their commands; or time that passes, ms. */
type Step = { readonly send: readonly number[] } | { readonly wait: number };
export type Schedule = readonly Step[];

const STEPS_MAX = 60;
const BURST_MAX = 6;

/** No chance in it, so that the model can tell when a restart is due. */
const supervision: SupervisionConfig = {
  ...DEFAULT_SUPERVISION,
  restart: { max: 8, windowMs: 1_511, backoff: { initialMs: 11, maxMs: 211, jitter: 0 } },
  quarantine: { cooldownMs: 509 },
};

/** A time at which the guest does start. */
const START_MS = Date.UTC(2026, 0, 1) + 500;

const position = { file: 'fuzz.yaml', line: 1, column: 1 };
const folder = mkdtempSync(join(tmpdir(), 'weir-fuzz-'));
const path = join(folder, 'scripted.wasm');
let written: Promise<void> | undefined;

const totals = { batches: 0, answers: {} as Record<string, number>, faults: {} as Record<string, number> };

/** Numbers of commands, each as often as it weighs. */
const urn = commands.flatMap(({ weight }, number) => Array.from({ length: weight }, () => number));

function draw(random: Random): Schedule {
  const command = () => random.one(urn);
  return Array.from({ length: 1 + random.below(STEPS_MAX) }, () =>
    random.below(2) === 0
      ? { wait: 1 + random.below(random.one([50, 200, 500, 2_000])) }
      : { send: Array.from({ length: 1 + random.below(BURST_MAX) }, command) },
  );
}

async function check(schedule: Schedule): Promise<string | undefined> {
  written ??= scriptedGuest.component().then((bytes) => writeFileSync(path, bytes));
  await written;
  const clock = new ManualClock(START_MS);
  const source = new Source();
  const sink = new Counter();
  const guest = { extension: 'guest', position };
  const extension: ExtensionConfig = {
    name: 'guest',
    position,
    wasm: path,
    sha256: undefined,
    description: undefined,
    config: undefined,
    limits: { ...DEFAULT_LIMITS, callDeadlineMs: 20 },
    grants: NO_GRANTS,
    supervision,
  };
  const work = { name: 'work', position, capabilities: new Map(), guest };
  const extensions = await preparePipelineExtensions({
    extensions: [extension],
    nodes: [work],
    clock,
    log: pino({ enabled: false }),
  });
  const pipeline = chain(
    [
      node('in', 'receiver', source),
      configured('work', wasmProcessor, {}, extensions.capabilitiesFor(work)),
      node('out', 'exporter', sink),
    ],
    { clock, channelCapacity: BURST_MAX },
  );
  await extensions.start();
  await pipeline.start();
  const model = new SupervisionModel(supervision, START_MS, (now) => now % REFUSING.span < REFUSING.part);
  let forwarded = 0;
  try {
    for (const [number, step] of schedule.entries()) {
      const where = `step ${number}, ${JSON.stringify(step)}`;
      if ('wait' in step) {
        await clock.advance(step.wait);
        model.advance(clock.now());
      } else {
        const outcomes = await source.send(step.send);
        for (const [i, command] of step.send.entries()) {
          const { effect } = commands[command]!;
          const expected = expect(effect, model);
          if (expected.startsWith('ack, forwarded')) forwarded++;
          const found = outcomes[i]!.map(told);
          if (found.length !== 1) return `${where}: batch ${i} was settled ${found.length} times`;
          if (found[0] !== expected.replace(', forwarded', ''))
            return `${where}: batch ${i} ended in "${found[0]}", not "${expected}"`;
          totals.batches++;
        }
      }
      const wrong = difference(model, extensions.status()[0]!.instances[0]!);
      if (wrong !== undefined) return `${where}: ${wrong}`;
      if (sink.arrived !== forwarded) return `${where}: ${sink.arrived} batches arrived, not ${forwarded}`;
    }
  } finally {
    await pipeline.drain(clock.now());
    await extensions.stop('shutdown');
  }
  for (const [kind, count] of Object.entries(model.faultsByKind))
    totals.faults[kind] = (totals.faults[kind] ?? 0) + count;
  return undefined;
}

/** How a batch must end, and the model after it. */
function expect(effect: Effect, model: SupervisionModel): string {
  if (!model.call()) {
    tally('down');
    return 'nack for now: guest-fault';
  }
  if ('fault' in effect) {
    model.faulted(effect.fault);
    tally('fault');
    return 'nack for now: guest-fault';
  }
  const calls = model.callsOfInstance;
  model.answered();
  if ('answer' in effect) {
    tally(effect.answer);
    return effect.answer === 'drop' ? 'ack' : 'ack, forwarded';
  }
  tally('err');
  return `nack ${effect.err}: refused ${String.fromCharCode(97 + (calls % 26))}`;
}

function told(outcome: Outcome): string {
  if (outcome.acked) return 'ack';
  const { permanent, cause, reason } = outcome.nack;
  return `nack ${permanent ? 'for good' : 'for now'}: ${cause}${cause === 'refused' ? ` ${reason}` : ''}`;
}

function tally(answer: string): void {
  totals.answers[answer] = (totals.answers[answer] ?? 0) + 1;
}

/** Where the real extension stands elsewhere than the model. */
function difference(model: SupervisionModel, real: object): string | undefined {
  const seen = real as Record<string, unknown> & { faultsByKind: Record<string, number> };
  for (const key of ['state', 'calls', 'unavailable', 'faults', 'restarts', 'restartAt'] as const) {
    if (seen[key] !== model[key]) return `${key} is ${seen[key]}, not ${model[key]}`;
  }
  for (const [kind, count] of Object.entries(seen.faultsByKind)) {
    const wanted = (model.faultsByKind as Record<string, number>)[kind] ?? 0;
    if (count !== wanted) return `there were ${count} faults of kind ${kind}, not ${wanted}`;
  }
  return undefined;
}

/** Sends bursts, and waits until every batch of one has been settled at least once. */
class Source implements Receiver {
  #output: Output | undefined;
  #sent = 0;

  async start(output: Output): Promise<void> {
    this.#output = output;
  }

  async send(burst: readonly number[]): Promise<Outcome[][]> {
    const outcomes: Outcome[][] = burst.map(() => []);
    await Promise.all(
      burst.map((command, i) => {
        const bytes = Buffer.alloc(8, command);
        // No batch like another: one that comes again and again would be refused for good.
        bytes.writeUInt32LE(this.#sent++, 4);
        return new Promise<void>((resolve) => {
          const settled = (outcome: Outcome) => {
            outcomes[i]!.push(outcome);
            resolve();
          };
          void this.#output!.send({ signal: 'logs', bytes }, settled);
        });
      }),
    );
    return outcomes;
  }

  async drain(): Promise<void> {}
}

class Counter implements Exporter {
  arrived = 0;

  async start(): Promise<void> {}

  export(delivery: Parameters<Exporter['export']>[0]): void {
    this.arrived++;
    delivery.ack();
  }
}

export const guestsTarget: Target<Schedule> = {
  name: 'guests',
  draw,
  check: (schedule) =>
    check(schedule).catch((error: unknown) => `it ended in ${error instanceof Error ? error.stack : error}`),
  *shrink(schedule) {
    for (let size = Math.ceil(schedule.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let at = 0; at < schedule.length; at += size)
        yield [...schedule.slice(0, at), ...schedule.slice(at + size)];
    }
    for (const [at, step] of schedule.entries()) {
      if (!('send' in step)) continue;
      for (const i of step.send.keys()) yield schedule.with(at, { send: step.send.toSpliced(i, 1) });
    }
  },
  save: (schedule) => `${JSON.stringify(schedule)}\n`,
  load: (saved) => JSON.parse(saved) as Schedule,
  summary: () => {
    const share = (count: number) => `${((100 * count) / totals.batches).toFixed(2)} %`;
    const shares = (counts: Record<string, number>) =>
      Object.entries(counts)
        .map(([name, count]) => `${name} ${share(count)}`)
        .join(', ');
    const memory = Math.round(process.memoryUsage.rss() / 2 ** 20);
    return `${totals.batches} batches: ${shares(totals.answers)}\nfaults: ${shares(totals.faults)}\nresident memory: ${memory} MiB`;
  },
};
