/**
 * Runs a hostile guest as an operator would: a configuration with its pipeline and a healthy one, an
 * engine, batches over HTTP. Tells what an operator could see; what must be is `hostile.test.ts`'s to say.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { PipelineEvent } from '../../host/engine/engine-pipeline.ts';
import type { Fault } from '../../host/extension/fault.ts';
import type { InstanceStatus } from '../../host/extension/status.ts';
import { Engine } from '../../host/index.ts';
import { inARow } from '../e2e/configuration.ts';
import type { HostileGuest } from './guest.ts';
import { addressOf, HealthyTraffic, healthyPipeline } from './healthy-pipeline.ts';
import { type Answer, sendLogs } from './send-logs.ts';

export interface Outcome {
  /** What `Engine.start` rejected with. */
  readonly refusal: unknown;
  /** To each batch, until it was quarantined, and to one after that; none if it never ran. */
  readonly answers: readonly Answer[];
  readonly faults: readonly Fault[];
  /** Before the engine was stopped. */
  readonly instance: InstanceStatus | undefined;
  /** The lines of the engine's log. */
  readonly log: readonly string[];
  /** What is wrong with the neighbour's results. */
  readonly neighbour: readonly string[];
  /** Batches that the neighbour took meanwhile, and the longest that one took, ms. */
  readonly neighbourSent: number;
  readonly neighbourWait: number;
}

/** Faults after which a fresh instance takes over. The first one has a spare; one more is one too many. */
export const RESTARTS = 2;

/** Whether a wait is over, asked after each event. */
type Until = (events: readonly PipelineEvent[]) => boolean;

/** Longest wait for an event, ms: far more than any takes. */
const PATIENCE_MS = 10_000;

/** `standing` is traffic of another engine, for when this one never starts. */
export async function runGuest(
  guest: HostileGuest,
  folder: string,
  standing: HealthyTraffic,
): Promise<Outcome> {
  await writeFile(join(folder, 'hostile.wasm'), await guest.component());
  const events: PipelineEvent[] = [];
  const log: string[] = [];
  let woken = () => {};
  const until = async (over: Until) => {
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    while (!over(events) && !deadline.aborted) {
      await new Promise<void>((resolve) => {
        woken = resolve;
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  };
  standing.start();
  let engine: Engine;
  const before = standing.sent;
  try {
    engine = await Engine.start(config(guest, folder), {
      log: { level: 'debug', destination: { write: (line) => void log.push(line) } },
      onEvent: (event) => {
        if (event.pipeline !== 'hostile') return;
        events.push(event);
        woken();
      },
    });
  } catch (refusal) {
    const neighbourWait = await standing.stop();
    const neighbourSent = standing.sent - before;
    return {
      refusal,
      answers: [],
      faults: [],
      instance: undefined,
      log,
      neighbour: standing.problems(),
      neighbourSent,
      neighbourWait,
    };
  }
  await standing.stop();
  const beside = new HealthyTraffic(engine, 'healthy', join(folder, 'healthy.jsonl'));
  try {
    beside.start();
    const answers = await provoke(guest, addressOf(engine, 'hostile'), until);
    const neighbourWait = await beside.stop();
    const { extensions } = engine.status().pipelines.find(({ name }) => name === 'hostile')!;
    return {
      refusal: undefined,
      answers,
      faults: events.flatMap((event) => (event.type === 'faulted' ? [event.fault] : [])),
      instance: extensions[0]!.instances[0],
      log,
      neighbour: [...beside.problems(), ...standing.problems()],
      neighbourSent: beside.sent,
      neighbourWait,
    };
  } finally {
    await engine.stop({ deadline: 0 });
  }
}

/** More than ever are needed. */
const ATTEMPTS_MAX = 10;

/** Have it misbehave, and its successors, until it is quarantined; and ask once more. One that does not fault is asked twice. */
async function provoke(
  { expected, entered = 'batch' }: HostileGuest,
  address: string,
  until: (over: Until) => Promise<void>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const send = async () => void answers.push(await sendLogs(address, `batch ${answers.length}`));
  if (!('fault' in expected)) {
    await send();
    await send();
    return answers;
  }
  let quarantined = false;
  const served: Until = (events) => {
    const count = (type: string) => events.filter((event) => event.type === type).length;
    quarantined = count('quarantined') > 0;
    return quarantined || (entered !== 'timer' && count('restarted') === count('faulted'));
  };
  for (let i = 0; i < ATTEMPTS_MAX && !quarantined; i++) {
    if (entered !== 'timer') await send();
    await until(served);
  }
  await send();
  return answers;
}

function config(guest: HostileGuest, folder: string): Record<string, unknown> {
  const entered =
    guest.entered === 'try-acquire'
      ? { type: 'processor:rate_limit', capabilities: { 'rate-limiter': 'hostile' } }
      : { type: 'processor:wasm', guest: 'hostile' };
  const hostile = {
    extensions: {
      hostile: {
        wasm: join(folder, 'hostile.wasm'),
        restart: { max: RESTARTS, backoff: { initial: '1ms', max: '5ms' } },
        ...guest.entry,
      },
    },
    nodes: {
      in: { type: 'receiver:otlp', config: { listen: '127.0.0.1:0' } },
      work: entered,
      out: { type: 'exporter:noop' },
    },
    connections: inARow('in', 'work', 'out'),
  };
  const healthy = healthyPipeline(folder, 'healthy.jsonl');
  return { version: 'weir/v1', groups: { default: { pipelines: { healthy, hostile } } } };
}

/** Resident memory of the process once all garbage is collected, bytes. */
export function settledMemory(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: object) => void;
  collect({ type: 'major', flavor: 'last-resort' });
  return process.memoryUsage.rss();
}
