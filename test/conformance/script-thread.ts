/** Scripts in a thread of their own (`script-worker.ts`), which is given up when nothing comes from it for long. */
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { nameOf } from './component-script.ts';
import type { Outcome } from './outcome.ts';
import { readScript } from './script.ts';

/** Longest time for one directive, ms. */
const patience = 20_000;

export class ScriptThread {
  readonly #backend: string;
  /** jco's transpiler is of no use after it has panicked once: each script gets a fresh one. */
  readonly #fresh: boolean;
  #worker: Worker | undefined;

  constructor(backend: string) {
    this.#backend = backend;
    this.#fresh = backend === 'jco';
  }

  /** Directives that the thread did not live to run have failed. */
  async run(path: string): Promise<Outcome[]> {
    const worker = this.#started();
    const outcomes: Outcome[] = [];
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    let timer = setTimeout(resolve, patience, 'hung');
    const take = (message: Outcome | 'end') => {
      clearTimeout(timer);
      if (message === 'end') return resolve(undefined);
      outcomes.push(message);
      timer = setTimeout(resolve, patience, 'hung');
    };
    const fail = (error: unknown) => resolve(`crashed: ${(error as Error).message}`);
    worker.on('message', take).on('error', fail);
    worker.postMessage(path);
    const why = await promise;
    clearTimeout(timer);
    worker.off('message', take).off('error', fail);
    if (why !== undefined || this.#fresh) await this.end();
    if (why === undefined) return outcomes;
    const rest = readScript(readFileSync(path, 'utf8')).slice(outcomes.length);
    const detail = `the script ${why} at line ${rest[0]?.line}`;
    return [
      ...outcomes,
      ...rest.map(
        (list): Outcome => ({ line: list.line, directive: nameOf(list), outcome: 'failed', detail }),
      ),
    ];
  }

  async end(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #started(): Worker {
    this.#worker ??= new Worker(new URL('./script-worker.ts', import.meta.url), {
      workerData: { backend: this.#backend },
    });
    return this.#worker;
  }
}
