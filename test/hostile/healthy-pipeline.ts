/**
 * The neighbour: a pipeline with a processor guest that behaves, and traffic through it that does not stop
 * while another guest misbehaves. Its guest sends on a copy of each batch, out of its own memory.
 */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../host/index.ts';
import { inARow } from '../e2e/configuration.ts';
import { processor } from './guest.ts';
import { type Answer, sendLogs } from './send-logs.ts';

const guest = processor({
  expected: { answers: 200 },
  process: `(local $copy i32)
    (local.set $copy (i32.add (local.get $at) (local.get $length)))
    (if (i32.gt_u (i32.add (local.get $copy) (local.get $length)) (i32.const 65536)) (then unreachable))
    (memory.copy (local.get $copy) (local.get $at) (local.get $length))
    (global.set $heap (i32.const 4096))
    (call $ok (i32.const 0) (local.get $copy) (local.get $length))`,
});

/** Write the healthy component into `folder`, for `healthyPipeline`. */
export async function writeHealthyGuest(folder: string): Promise<void> {
  await writeFile(join(folder, 'healthy.wasm'), await guest.component());
}

/** Its configuration; it writes what arrives into `file`. */
export function healthyPipeline(folder: string, file: string): Record<string, unknown> {
  return {
    extensions: { healthy: { wasm: join(folder, 'healthy.wasm') } },
    nodes: {
      in: { type: 'receiver:otlp', config: { listen: '127.0.0.1:0' } },
      work: { type: 'processor:wasm', guest: 'healthy' },
      out: { type: 'exporter:file', config: { path: join(folder, file) } },
    },
    connections: inARow('in', 'work', 'out'),
  };
}

/** Traffic through a healthy pipeline that runs: one batch after the other, until told to stop. */
export class HealthyTraffic {
  readonly #address: string;
  readonly #path: string;
  #sent = 0;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();
  readonly #refused: Answer[] = [];
  #longestWait = 0;

  constructor(engine: Engine, pipeline: string, path: string) {
    this.#address = addressOf(engine, pipeline);
    this.#path = path;
  }

  /** Batches that were answered. */
  get sent(): number {
    return this.#sent;
  }

  start(): void {
    this.#stopping = false;
    this.#longestWait = 0;
    this.#running = this.#run();
  }

  /** Ends with a batch that was sent after this was called. @returns the longest that a batch took, ms */
  async stop(): Promise<number> {
    this.#stopping = true;
    await this.#running;
    return this.#longestWait;
  }

  async #run(): Promise<void> {
    for (let last = false; !last; ) {
      last = this.#stopping;
      const before = performance.now();
      const answer = await sendLogs(this.#address, `healthy ${this.#sent}`);
      this.#longestWait = Math.max(this.#longestWait, performance.now() - before);
      if (answer.status !== 200) this.#refused.push(answer);
      this.#sent++;
    }
  }

  /** What is wrong with what arrived: nothing, if each batch was taken and arrived once, in order, as it was. */
  problems(): string[] {
    const arrived = [...readFileSync(this.#path, 'utf8').matchAll(/"healthy (\d+)"/g)].map(([, n]) =>
      Number(n),
    );
    const wrong = arrived.findIndex((n, i) => n !== i);
    return [
      ...this.#refused.map(({ status, message }) => `a healthy batch was answered ${status}: ${message}`),
      ...(wrong === -1 ? [] : [`batch ${arrived[wrong]} arrived as number ${wrong}`]),
      ...(arrived.length === this.#sent ? [] : [`${this.#sent} were sent and ${arrived.length} arrived`]),
    ];
  }
}

export function addressOf(engine: Engine, pipeline: string): string {
  const found = engine.status().pipelines.find(({ name }) => name === pipeline);
  return String(found!.nodes.find(({ id }) => id === 'in')!.facts.address);
}
