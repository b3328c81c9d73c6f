/** Errors of a configuration for people (with the lines of the file) and for machines. */
import { createColors } from 'picocolors';
import { type ConfigError, formatPosition } from './errors.ts';

/**
 * The errors for a terminal, each with its place, the lines of the file around it and how to mend it.
 * `color` says whether escape sequences may be used.
 */
export function renderErrors(errors: readonly ConfigError[], options: { readonly color: boolean }): string {
  const paint = createColors(options.color);
  const blocks = errors.map((error) => {
    const head = `${paint.red('error')} ${paint.bold(oneLine(error.message))}`;
    const place = `  ${paint.cyan(formatPosition(error.position))} ${paint.dim(error.code)}`;
    const hint = error.hint === undefined ? [] : [`  ${paint.green('help:')} ${oneLine(error.hint)}`];
    return [head, place, ...frameLines(error, paint), ...hint].join('\n');
  });
  const count = errors.length === 1 ? '1 error' : `${errors.length} errors`;
  return `${blocks.join('\n\n')}\n\n${paint.bold(count)}\n`;
}

/** The errors as plain data for `JSON.stringify`. */
export function errorsAsJson(errors: readonly ConfigError[]) {
  return errors.map(({ code, message, hint, position }) => ({ code, message, hint, ...position }));
}

/** Longest stretch of a line that is shown, characters; and how much of it may stand before the error. */
const LINE_LENGTH_MAX = 120;
const BEFORE_ERROR_MAX = 60;

function frameLines({ frame, position }: ConfigError, paint: ReturnType<typeof createColors>): string[] {
  if (frame === undefined) return [];
  const width = String(position.line).length;
  // A long line is cut around the error, and the lines before it in the same place.
  const longest = Math.max(...frame.lines.map((text) => text.length));
  const cut = longest <= LINE_LENGTH_MAX ? 0 : Math.max(0, position.column - 1 - BEFORE_ERROR_MAX);
  const lines = frame.lines.map((text, i) => {
    const number = String(frame.firstLine + i).padStart(width);
    return `  ${paint.dim(`${number} |`)} ${printable(text.slice(cut, cut + LINE_LENGTH_MAX))}`.trimEnd();
  });
  const column = position.column - 1 - cut;
  const length = Math.min(frame.length, Math.max(1, LINE_LENGTH_MAX - column));
  return [
    ...lines,
    `  ${' '.repeat(width)} ${paint.dim('|')} ${' '.repeat(column)}${paint.red('^'.repeat(length))}`,
  ];
}

/** Names in a message may come out of a component: they must not steer the terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is replaced.
  return text.replaceAll('\t', ' ').replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}

function oneLine(text: string): string {
  return printable(text.replaceAll(/\s*\n\s*/g, ' '));
}
