/**
 * Where the errors of one configuration are gathered, in any order, and given their places. It also
 * sees to it that no message tells what a substitution put in.
 */
import { LineCounter } from 'yaml';
import type { ErrorCode, SourcePosition } from '../errors.ts';
import { type Entry, entriesUnder, type Span } from './document.ts';
import type { CodeFrame, ConfigError } from './errors.ts';

/** Shown in place of what must not be. */
export const MASK = '****';

/** Lines of context before the line of an error. */
const CONTEXT_LINES = 2;

/** What is substituted and shorter is no secret, and masking it would tear up words of the message. */
const SECRET_LENGTH_MIN = 4;

export class Report {
  readonly file: string;
  readonly #text: string;
  readonly #lines: readonly string[];
  readonly #lineCounter = new LineCounter();
  readonly #errors: { error: Omit<ConfigError, 'frame'>; span: Span }[] = [];
  readonly #hidden: Span[] = [];

  constructor(file: string, text: string) {
    this.file = file;
    this.#text = text;
    this.#lines = text.split(/\r?\n/);
    this.#lineCounter.addNewLine(0);
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1))
      this.#lineCounter.addNewLine(at + 1);
  }

  get failed(): boolean {
    return this.#errors.length > 0;
  }

  /** Report an error at a stretch of the file. */
  at(code: ErrorCode, span: Span, message: string, hint?: string): void {
    this.#errors.push({ error: { code, message, hint, position: this.position(span) }, span });
  }

  /** Report an error about the value of `entry`. */
  value(code: ErrorCode, entry: Entry, message: string, hint?: string): void {
    this.at(code, entry.span, withoutSecrets(message, entry), hint && withoutSecrets(hint, entry));
  }

  /** Report an error about the key of `entry`, or about its value where it has no key. */
  key(code: ErrorCode, entry: Entry, message: string, hint?: string): void {
    this.at(
      code,
      entry.keySpan ?? entry.span,
      withoutSecrets(message, entry),
      hint && withoutSecrets(hint, entry),
    );
  }

  position(span: Span): SourcePosition {
    const { line, col } = this.#lineCounter.linePos(span.start);
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  /** Do not show this stretch of the file in code frames: it is a secret written out. */
  hide(span: Span): void {
    this.#hidden.push(span);
  }

  /** All errors in the order of the file, each once. */
  errors(): ConfigError[] {
    const seen = new Set<string>();
    return this.#errors
      .filter(({ error, span }) => {
        const identity = `${span.start} ${error.code} ${error.message}`;
        return seen.size < seen.add(identity).size;
      })
      .sort((a, b) => a.span.start - b.span.start)
      .map(({ error, span }) => ({ ...error, frame: this.#frame(error.position, span) }));
  }

  #frame({ line, column }: SourcePosition, span: Span): CodeFrame | undefined {
    if (this.#text === '') return undefined;
    const firstLine = Math.max(1, line - CONTEXT_LINES);
    const lines = this.#lines.slice(firstLine - 1, line).map((text, i) => this.#masked(text, firstLine + i));
    const rest = (lines.at(-1) ?? '').slice(column - 1).trimEnd().length;
    return { firstLine, lines, length: Math.max(1, Math.min(span.end - span.start, rest)) };
  }

  /** The line with hidden stretches starred out, of the same length so that columns stay true. */
  #masked(text: string, line: number): string {
    const start = this.#lineCounter.lineStarts[line - 1] ?? 0;
    let shown = text;
    for (const hidden of this.#hidden) {
      const from = Math.max(0, hidden.start - start);
      const to = Math.min(text.length, hidden.end - start);
      if (from < to) shown = shown.slice(0, from) + '*'.repeat(to - from) + shown.slice(to);
    }
    return shown;
  }
}

/** `message` without anything that was substituted at or below `entry`. */
function withoutSecrets(message: string, entry: Entry): string {
  let shown = message;
  for (const { substitution } of entriesUnder(entry)) {
    for (const secret of substitution?.secrets ?? []) {
      if (secret.length >= SECRET_LENGTH_MIN) shown = shown.replaceAll(secret, MASK);
    }
  }
  return shown;
}
