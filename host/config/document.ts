/**
 * A configuration file as a tree of entries: plain YAML values, each with the place where it and its
 * key stand. What the values mean is left to the schemas; substitutions are made later, in the tree.
 */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLError,
} from 'yaml';
import { configErrors } from './errors.ts';
import type { Report } from './report.ts';

/** A stretch of the file, in characters from its start. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Scalars = string | number | boolean | null;

/** A value of the file. Exactly one of `fields`, `items` and `scalar` is there. */
export interface Entry {
  readonly span: Span;
  /** Of the key that holds it; absent for the root and for items of lists. */
  readonly keySpan: Span | undefined;
  readonly fields?: ReadonlyMap<string, Entry>;
  readonly items?: readonly Entry[];
  /** Changed by substitution. */
  scalar?: Scalars;
  substitution?: Substituted;
}

/** What substitution did to a scalar. */
export interface Substituted {
  /** As it may be shown: references as written, their defaults masked. */
  readonly shown: string;
  /** What was put in, never to be shown. */
  readonly secrets: readonly string[];
  /** The scalar is one single reference, whose value may become a number or a boolean. */
  readonly whole: boolean;
  /** A reference could not be resolved, which is reported already. */
  readonly failed: boolean;
}

export type Path = readonly (string | number)[];

/** A configuration of more entries is a mistake, or aliases that multiply each other. */
const ENTRIES_MAX = 100_000;

/** Deeper than any configuration, and far from what exhausts the stack. */
const DEPTH_MAX = 100;

/** Read YAML. Undefined when it is so malformed that checking on makes no sense; `report` says why. */
export function readDocument(text: string, report: Report): Entry | undefined {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  let readable = true;
  for (const problem of [...document.errors, ...document.warnings].slice(0, 20)) {
    reportSyntax(problem, text, report);
    if (problem.code !== 'DUPLICATE_KEY') readable = false;
  }
  // After a first slip a parser sees more of them than there are: the first one is enough.
  if (!readable) return undefined;
  if (document.contents === null) {
    report.at(
      configErrors.WEIR_CONFIG_SYNTAX,
      { start: 0, end: 0 },
      'the file is empty',
      'start it with `version: weir/v1`',
    );
    return undefined;
  }

  let entries = 0;
  const open = new Set<Node>();

  const read = (node: Node | null, keySpan: Span | undefined): Entry => {
    const span = spanOf(node, keySpan);
    if (++entries > ENTRIES_MAX) throw new TooMany(span);
    if (node === null) return { span, keySpan, scalar: null };
    if (isAlias(node)) return readAlias(node, span, keySpan);
    if (open.has(node) || open.size > DEPTH_MAX) throw new TooMany(span);
    open.add(node);
    try {
      if (isMap(node)) return { span, keySpan, fields: readFields(node.items as Pairs) };
      if (isSeq(node))
        return { span, keySpan, items: node.items.map((item) => read(item as Node | null, undefined)) };
      return { span, keySpan, scalar: isScalar(node) ? readScalar(node, span) : null };
    } finally {
      open.delete(node);
    }
  };

  const readAlias = (alias: Alias, span: Span, keySpan: Span | undefined): Entry => {
    const target = alias.resolve(document);
    if (target !== undefined) return { ...read(target as Node, keySpan), span };
    report.at(
      configErrors.WEIR_CONFIG_SYNTAX,
      span,
      `there is no anchor \`&${alias.source}\` before this alias`,
    );
    return { span, keySpan, scalar: null };
  };

  type Pairs = { key: Node | null; value: Node | null }[];
  const readFields = (pairs: Pairs): Map<string, Entry> => {
    const fields = new Map<string, Entry>();
    for (const { key, value } of pairs) {
      const keySpan = spanOf(key, undefined);
      if (!isScalar(key) || key.value === null || key.value === '__proto__') {
        report.at(
          configErrors.WEIR_CONFIG_SYNTAX,
          keySpan,
          'a key must be a plain word',
          'quote it, or mend the indentation',
        );
        continue;
      }
      const name = String(key.value);
      if (/\$\{(?:env|file):/.test(name)) {
        report.at(
          configErrors.WEIR_CONFIG_SUBSTITUTION,
          keySpan,
          'substitutions are made in values, not in keys',
        );
        continue;
      }
      fields.set(name, read(value, keySpan));
    }
    return fields;
  };

  const readScalar = (node: Scalar, span: Span): Scalars => {
    const value = node.value;
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    report.at(
      configErrors.WEIR_CONFIG_VALUE,
      span,
      `${text.slice(span.start, span.end)} cannot be used as a value`,
      'quote it to make it a string',
    );
    return null;
  };

  try {
    return read(document.contents as Node, undefined);
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    report.at(
      configErrors.WEIR_CONFIG_SYNTAX,
      error.span,
      'the file is nested too deeply, or its aliases expand without end',
      'write the values out',
    );
    return undefined;
  }
}

/** Leaves the recursion of `readDocument`; never gets out of this file. */
class TooMany {
  readonly span: Span;
  constructor(span: Span) {
    this.span = span;
  }
}

/** The entry as plain data, for schemas. */
export function plainValue(entry: Entry): unknown {
  if (entry.fields !== undefined) {
    return Object.fromEntries([...entry.fields].map(([name, field]) => [name, plainValue(field)]));
  }
  if (entry.items !== undefined) return entry.items.map(plainValue);
  return entry.scalar;
}

/** The entry at `path`, or the deepest one that exists on the way there. */
export function entryAt(root: Entry, path: Path): { entry: Entry; depth: number } {
  let entry = root;
  for (const [depth, key] of path.entries()) {
    const next = entry.fields?.get(String(key)) ?? (typeof key === 'number' ? entry.items?.[key] : undefined);
    if (next === undefined) return { entry, depth };
    entry = next;
  }
  return { entry, depth: path.length };
}

/** Every entry under `root`, itself included. */
export function* entriesUnder(root: Entry): Generator<Entry> {
  yield root;
  for (const field of root.fields?.values() ?? root.items ?? []) yield* entriesUnder(field);
}

function spanOf(node: Node | null, fallback: Span | undefined): Span {
  const range = node?.range;
  if (range && range[1] > range[0]) return { start: range[0], end: range[1] };
  return fallback ?? { start: range?.[0] ?? 0, end: range?.[0] ?? 0 };
}

function reportSyntax(problem: YAMLError, text: string, report: Report): void {
  const [start, end] = problem.pos;
  const span = { start, end };
  if (problem.code === 'DUPLICATE_KEY') {
    const name = /^[^\s:]+/.exec(text.slice(start, start + 200))?.[0] ?? 'key';
    report.at(
      configErrors.WEIR_CONFIG_DUPLICATE_KEY,
      { start, end: start + name.length },
      `\`${name}\` stands twice in this mapping`,
      'keep one of the two',
    );
    return;
  }
  const message = syntaxMessages[problem.code] ?? lowerFirst(problem.message);
  report.at(configErrors.WEIR_CONFIG_SYNTAX, span, message, syntaxHint(problem, text));
}

/** In place of the parser's messages where those speak to programmers. */
const syntaxMessages: { readonly [code in YAMLError['code']]?: string } = {
  MULTIPLE_DOCS: 'the file contains several YAML documents',
  RESOURCE_EXHAUSTION: 'the file is nested too deeply',
};

function syntaxHint(problem: YAMLError, text: string): string | undefined {
  const lineStart = text.lastIndexOf('\n', problem.pos[0] - 1) + 1;
  const line = text.slice(lineStart, text.indexOf('\n', problem.pos[0]) >>> 0);
  if (/[{[].*\$\{/.test(line)) return "inside { } and [ ] quote it: '${env:NAME}'";
  switch (problem.code) {
    case 'TAB_AS_INDENT':
      return 'indent with spaces';
    case 'MULTIPLE_DOCS':
      return 'keep one document per file: no `---` in the middle';
    case 'TAG_RESOLVE_FAILED':
      return 'leave the tag out';
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return 'quote a value that contains `: `, or mend the indentation';
    default:
      return undefined;
  }
}

function lowerFirst(message: string): string {
  if (message.startsWith('Source contains multiple documents'))
    return 'the file contains several YAML documents';
  return message.charAt(0).toLowerCase() + message.slice(1);
}
