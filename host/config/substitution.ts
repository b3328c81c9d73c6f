/**
 * Substitution: `${env:NAME}`, `${env:NAME:-default}` and `${file:path}` in the strings of a
 * configuration; `$$` stands for one `$`.
 *
 * - It is done after parsing, in values alone: what is put in can never become a key, a list or a
 *   second value, whatever it holds. What is put in is not searched again.
 * - A default counts where the variable is unset or empty, as in a shell, and ends at the first `}`.
 * - A file is read relative to the configuration's folder; one newline at its end is left out.
 * - What was put in is a secret. A scalar remembers how it may be shown (`Substituted.shown`).
 * - A value that is one single reference becomes a number or a boolean where the schema wants one and
 *   the text is one in YAML (`typedScalar`); the schema decides, never the text.
 */
import { createReadStream } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { parseDocument } from 'yaml';
import { type Entry, entriesUnder, type Scalars } from './document.ts';
import { configErrors } from './errors.ts';
import { MASK, type Report } from './report.ts';

export interface SubstitutionSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that `${file:…}` is relative to. */
  readonly folder: string;
}

/** Longest file that `${file:…}` reads, bytes: a token or a certificate, not a data set. */
const FILE_BYTES_MAX = 1024 * 1024;

/** `$$`, a whole reference, or the beginning of one that is never closed. */
const REFERENCE = /\$\$|\$\{([^}]*)(\}?)/g;
const ENV = /^env:([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;
const FILE = /^file:(.+)$/s;

/** Make all substitutions under `root`, in place, and report those that fail. */
export async function substitute(root: Entry, sources: SubstitutionSources, report: Report): Promise<void> {
  for (const entry of entriesUnder(root)) {
    if (typeof entry.scalar === 'string' && entry.scalar.includes('$')) {
      await substituteScalar(entry, entry.scalar, sources, report);
    }
  }
}

async function substituteScalar(
  entry: Entry,
  written: string,
  sources: SubstitutionSources,
  report: Report,
): Promise<void> {
  let value = '';
  let shown = '';
  let end = 0;
  let failed = false;
  const secrets: string[] = [];
  const matches = [...written.matchAll(REFERENCE)];
  for (const match of matches) {
    const between = written.slice(end, match.index);
    end = match.index + match[0].length;
    if (match[0] === '$$') {
      value += `${between}$`;
      shown += `${between}$`;
      continue;
    }
    const found = await resolve(match[1]!, match[2] === '}', sources);
    if ('problem' in found) {
      report.value(configErrors.WEIR_CONFIG_SUBSTITUTION, entry, found.problem, found.hint);
      failed = true;
      continue;
    }
    secrets.push(found.text);
    value += between + found.text;
    shown += between + found.shown;
  }
  entry.scalar = value + written.slice(end);
  if (secrets.length === 0 && !failed) return;
  entry.substitution = {
    shown: failed ? written : shown + written.slice(end),
    secrets,
    whole: matches.length === 1 && matches[0]![0].length === written.length,
    failed,
  };
}

type Resolved = { text: string; shown: string } | { problem: string; hint: string };

async function resolve(reference: string, closed: boolean, sources: SubstitutionSources): Promise<Resolved> {
  if (!closed)
    return {
      problem: `\`\${${reference}\` is never closed`,
      hint: 'add the `}`; for a literal `${` write `$${`',
    };
  const env = ENV.exec(reference);
  if (env !== null) return resolveEnv(env[1]!, env[2], sources.env);
  const file = FILE.exec(reference);
  if (file !== null) return resolveFile(file[1]!, sources.folder);
  return {
    problem: `\`\${${reference}}\` is no substitution; expected \`\${env:NAME}\`, \`\${env:NAME:-default}\` or \`\${file:path}\``,
    hint: /^[A-Za-z_]\w*$/.test(reference)
      ? `write \`\${env:${reference}}\``
      : 'for a literal `${` write `$${`',
  };
}

function resolveEnv(name: string, otherwise: string | undefined, env: SubstitutionSources['env']): Resolved {
  const text = env[name];
  const shown = otherwise === undefined ? `\${env:${name}}` : `\${env:${name}:-${MASK}}`;
  if (text !== undefined && (text !== '' || otherwise === undefined)) return { text, shown };
  if (otherwise !== undefined) return { text: otherwise, shown };
  return {
    problem: `the environment variable \`${name}\` is not set`,
    hint: `set it, or give a default: \`\${env:${name}:-default}\``,
  };
}

async function resolveFile(path: string, folder: string): Promise<Resolved> {
  const absolute = isAbsolute(path) ? path : join(folder, path);
  try {
    // One byte more than allowed is asked for, to see that there is more; devices never end.
    const chunks: Buffer[] = [];
    for await (const chunk of createReadStream(absolute, { end: FILE_BYTES_MAX })) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (bytes.length > FILE_BYTES_MAX) {
      return {
        problem: `the file ${path} is too long for a value`,
        hint: `at most ${FILE_BYTES_MAX} bytes are read`,
      };
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text: text.replace(/\r?\n$/, ''), shown: `\${file:${path}}` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return {
      problem: `the file ${path} cannot be read: ${fileProblems[code ?? ''] ?? 'it is not UTF-8 text'}`,
      hint: `paths are relative to the configuration's folder; it was looked for at ${absolute}`,
    };
  }
}

/** Why a file cannot be read, by the system's error code. */
export const fileProblems: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  ELOOP: 'its links lead round in a circle',
};

/** What `text` is as a plain YAML scalar, when that is a finite number or a boolean; else undefined. */
export function typedScalar(text: string): Exclude<Scalars, string | null> | undefined {
  if (!/^[-+.\w]+$/.test(text)) return undefined;
  const value = parseDocument(text, { logLevel: 'silent' }).toJS();
  return typeof value === 'boolean' || Number.isFinite(value) ? value : undefined;
}
