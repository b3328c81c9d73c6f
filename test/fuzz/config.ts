/**
 * `config`: configurations with lines and words changed. Reading one ends soon, in a configuration or in
 * errors; each error has a code, and a place within the text.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { checkConfig } from '../../host/engine/configuration.ts';
import { allErrorCodes } from '../errors/registry.ts';
import type { Target } from './campaign.ts';
import type { Random } from './random.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-fuzz-'));
const repository = resolve(import.meta.dirname, '../..');

/** One that is valid: the others name components that are not built. */
const small = `version: weir/v1
engine:
  shutdown_deadline: 5s
groups:
  default:
    pipelines:
      main:
        nodes:
          in: { type: 'receiver:generator', config: { rate: 5, items: 2, attributes: { a: b } } }
          retry: { type: 'processor:retry', config: { initial: 10ms, max: 50ms, max_attempts: 3 } }
          out:
            type: exporter:noop
        connections:
          - from: in
            to: retry
          - { from: retry, to: out }
`;

const bases = [
  small,
  ...['guests/quickstart.yaml', 'guests/crasher/pipeline.yaml', 'guests/token-authorizer/pipeline.yaml'].map(
    (path) => readFileSync(join(repository, path), 'utf8'),
  ),
];

/** Words that mean something to YAML, to the schema or to JavaScript. */
const words = [
  ...'null ~ true {} [] "" - : # | > --- ... .inf -.nan 1e999 -1 0x10 99999999999999999999 0.1 2026-01-01'.split(
    ' ',
  ),
  ...'1ms -1s 16MiB 1e3KiB &a *a &a_[*a,_*a] !!binary_x !!js/function_x <<:_*a %YAML_9.9'.split(' '),
  ...'${ ${env:HOME} ${env:} ${file:/etc/passwd} ${file:../../..} $${env:HOME} ${env:NO_SUCH:-x}'.split(' '),
  ...'__proto__ constructor toString nodes extensions wasm config from to guest limits memory restart'.split(
    ' ',
  ),
  ...'engine policies capabilities processor:wasm exporter:noop'.split(' '),
  ...['\t', '\0', '\ufeff', '"\\ud800"', '"\\u202e"', "'", '`', 'x'.repeat(10_000)],
].map((word) => word.replaceAll(/_(?=[[*x]|9)/g, ' '));

/** What may stand in the place of any value. */
const values: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  2 ** 53,
  Number.POSITIVE_INFINITY,
  Number.NaN,
  '',
  {},
  [],
  [[]],
  { a: 1 },
];

function draw(random: Random): string {
  const base = random.one(bases);
  if (random.below(2) === 0) {
    const root: unknown = parse(base);
    for (let n = 1 + random.below(3); n > 0; n--) change(random, root);
    return stringify(root, { aliasDuplicateObjects: random.below(2) === 0 });
  }
  let lines = base.split('\n');
  for (let n = 1 + random.below(5); n > 0; n--) lines = changed(random, lines);
  return lines.join('\n');
}

/** Changes one entry somewhere in `root`: whatever comes of it is well-formed YAML. */
function change(random: Random, root: unknown): void {
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const collect = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, held] of Object.entries(value)) {
      places.push({ holder: value as Record<string, unknown>, key });
      collect(held);
    }
  };
  collect(root);
  if (places.length === 0) return;
  const [one, other] = [random.one(places), random.one(places)];
  switch (random.below(5)) {
    case 0:
      delete one.holder[one.key];
      break;
    case 1:
      one.holder[one.key] = structuredClone(random.one(random.below(2) ? values : words));
      break;
    case 2:
      one.holder[random.one(words)] = one.holder[one.key];
      break;
    case 3:
      one.holder[one.key] = structuredClone(other.holder[other.key]);
      break;
    default:
      other.holder[one.key] = structuredClone(one.holder[one.key]);
  }
}

function changed(random: Random, lines: readonly string[]): string[] {
  const at = random.below(lines.length);
  const line = lines[at] ?? '';
  const with_ = (...instead: string[]) => [...lines.slice(0, at), ...instead, ...lines.slice(at + 1)];
  const cut = random.below(line.length + 1);
  switch (random.below(8)) {
    case 0:
      return with_();
    case 1:
      return with_(line, line);
    case 2:
      return with_(' '.repeat(random.below(9)) + line.trimStart());
    case 3:
      return with_(line.replace(/: .*/, `: ${random.one(words)}`));
    case 4:
      return with_(line.slice(0, cut) + random.one(words) + line.slice(cut));
    case 5:
      return with_(`${random.one(words)}: ${random.one(words)}`, line);
    case 6:
      return with_(line.slice(0, cut) + String.fromCharCode(random.below(0x3000)) + line.slice(cut + 1));
    default:
      return with_(random.one(lines));
  }
}

/** Longest that reading may take, ms: a person waits for it. Far more than it takes. */
const PATIENCE_MS = 5_000;

const outcomes: Record<string, number> = {};
let codes: ReadonlySet<string> | undefined;

async function check(text: string): Promise<string | undefined> {
  codes ??= new Set((await allErrorCodes()).map(({ code }) => code));
  const before = performance.now();
  const { config, errors } = await checkConfig({ text, file: join(folder, 'fuzz.yaml') });
  const took = performance.now() - before;
  if (took > PATIENCE_MS) return `reading took ${Math.round(took)} ms`;
  if (errors === undefined) {
    count('valid');
    return config === undefined ? 'neither a configuration nor errors' : undefined;
  }
  if (errors.length === 0) return 'an empty list of errors';
  const lines = text.split(/\r?\n/).length;
  for (const error of errors) {
    count(error.code);
    if (!codes.has(error.code)) return `an error with the code ${error.code}`;
    if (error.message.trim() === '') return `an error without a message: ${error.code}`;
    if (error.position === undefined) return `an error without a place: ${error.message}`;
    const { line, column } = error.position;
    if (!(line >= 1 && line <= lines && column >= 1))
      return `an error at ${line}:${column} of ${lines} lines: ${error.message}`;
  }
  return undefined;
}

function count(outcome: string): void {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}

export const configTarget: Target<string> = {
  name: 'config',
  draw,
  check: (text) =>
    check(text).catch((error: unknown) => `reading ended in ${error instanceof Error ? error.stack : error}`),
  *shrink(text) {
    const lines = text.split('\n');
    for (let size = Math.floor(lines.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; at < lines.length; at += size) {
        yield [...lines.slice(0, at), ...lines.slice(at + size)].join('\n');
      }
    }
  },
  save: (text) => text,
  load: (saved) => saved,
  summary: () => `what came of them: ${JSON.stringify(outcomes)}`,
};
