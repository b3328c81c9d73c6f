/**
 * What commands print with: results on standard output, everything about the work on standard error,
 * colours only where a person looks, and progress that a terminal shows on one line.
 */
import picocolors from 'picocolors';

/**
 * The exit codes, documented in `weir --help`.
 * @see README.md, "Commands"
 */
export const exitCode = {
  /** Done as asked. */
  ok: 0,
  /** It failed while working: a pipeline did not start, a build failed, a drain passed its deadline. */
  failed: 1,
  /** What was asked is wrong: arguments, or a configuration with errors. Nothing was started. */
  invalid: 2,
} as const;

/** Colours for standard output and for standard error; plain where the stream is no terminal or NO_COLOR is set. */
export const colors = picocolors.createColors(wantsColor(process.stdout));
export const errorColors = picocolors.createColors(wantsColor(process.stderr));

export function wantsColor(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR;
}

/** Text that may come out of a component, with what would steer the terminal replaced. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is replaced.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** A line on standard output: the result of a command. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** The result of a command for a machine: one JSON value on standard output. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** A line on standard error: about the work, not its result. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** After so long a piece of work gets a progress line, ms. */
const PROGRESS_AFTER_MS = 1000;

/**
 * Tell what is being done if it takes over a second. On a terminal the line is rewritten in place and
 * wiped at the end; elsewhere (a CI log) each label stands once, on a line of its own.
 */
export class Progress {
  readonly #tty = process.stderr.isTTY === true;
  readonly #started = Date.now();
  readonly #timer: NodeJS.Timeout;
  #label = '';
  #shown = '';

  constructor() {
    this.#timer = setInterval(() => this.#show(), this.#tty ? 200 : PROGRESS_AFTER_MS);
    this.#timer.unref();
  }

  /** What is being done now. */
  update(label: string): void {
    this.#label = label;
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#tty && this.#shown !== '') process.stderr.write('\r\x1b[K');
  }

  #show(): void {
    const elapsed = Date.now() - this.#started;
    if (elapsed < PROGRESS_AFTER_MS || this.#label === '') return;
    if (this.#tty) process.stderr.write(`\r\x1b[K${this.#label} (${Math.round(elapsed / 1000)} s)`);
    else if (this.#shown !== this.#label) note(this.#label);
    this.#shown = this.#label;
  }
}
