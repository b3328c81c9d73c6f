/** Weir as its user runs it: the command as a child process, its JSON log read line by line. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../host/cli/main.ts', import.meta.url));

/** One line of the log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

export class WeirProcess {
  readonly lines: LogLine[] = [];
  /** What is not a line of the log: what is printed for people, a warning of Node's, a crash's stack. */
  readonly stray: string[] = [];
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #exited: Promise<number | NodeJS.Signals>;
  #ended: number | NodeJS.Signals | undefined;
  #waiting: (() => void)[] = [];

  constructor(
    args: readonly string[],
    options: { env?: NodeJS.ProcessEnv; nodeArgs?: readonly string[]; main?: string; cwd?: string } = {},
  ) {
    const { main = source, cwd } = options;
    this.#child = spawn(process.execPath, [...(options.nodeArgs ?? []), main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...options.env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.#take(line));
    }
    this.#exited = once(this.#child, 'close').then(([code, signal]) => {
      this.#ended = code ?? signal;
      this.#wake();
      return code ?? signal;
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Undefined while it runs; then its exit code, or the signal that ended it. */
  get ended(): number | NodeJS.Signals | undefined {
    return this.#ended;
  }

  /** The first log line that satisfies `wanted`, come or yet to come. Throws if the process ends without it. */
  line(wanted: (line: LogLine) => boolean): Promise<LogLine> {
    return this.#first(this.lines, wanted);
  }

  /** The same for what is printed for people. */
  printed(wanted: (line: string) => boolean): Promise<string> {
    return this.#first(this.stray, wanted);
  }

  /** Send a signal and wait for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.#child.kill(signal);
    return this.exited();
  }

  exited(): Promise<number | NodeJS.Signals> {
    return this.#exited;
  }

  /** All that it printed, for a failure message. */
  output(): string {
    return [...this.lines.map((line) => JSON.stringify(line)), ...this.stray].join('\n');
  }

  async #first<T>(lines: readonly T[], wanted: (line: T) => boolean): Promise<T> {
    for (;;) {
      const found = lines.find(wanted);
      if (found !== undefined) return found;
      if (this.#ended !== undefined) {
        throw new Error(`weir ended with ${this.#ended}:\n${this.output()}`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #take(text: string): void {
    try {
      this.lines.push(JSON.parse(text) as LogLine);
    } catch {
      this.stray.push(text);
    }
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
