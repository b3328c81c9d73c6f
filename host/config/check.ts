/**
 * One entry of the file against one schema: what is wrong becomes errors at the very value or key, and
 * what is right comes back as the schema returns it. Knows nothing of what the sections mean.
 */
import { z } from 'zod';
import { nearest } from '../suggestion.ts';
import { type Entry, entriesUnder, entryAt, type Path, plainValue } from './document.ts';
import { configErrors } from './errors.ts';
import { type Issue, issueMessage, saysWrongType, simplified, wantsTyped } from './issue.ts';
import type { Report } from './report.ts';
import { keyPlaces } from './schema.ts';
import { typedScalar } from './substitution.ts';

export interface CheckOptions {
  /** What the errors call the entry, e.g. `nodes.in.config`; empty for the whole file. */
  readonly label: string;
  /** The entry's own schema as JSON Schema, when it was made from one: names and describes keys. */
  readonly jsonSchema?: JsonSchema;
  /** Keys that belong to the file's own shape: a misplaced one is told where it belongs. */
  readonly structural?: boolean;
}

/** What errors call the entry with the empty label. */
const WHOLE_FILE = 'the file';

/** As much of JSON Schema as is needed to name and describe keys. */
export interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** The entry's value as `schema` returns it; undefined when it does not satisfy it, which is reported. */
export function check<T>(
  schema: z.ZodType<T>,
  entry: Entry,
  report: Report,
  options: CheckOptions,
): T | undefined {
  for (;;) {
    const value = options.structural ? withoutEmptyFields(plainValue(entry)) : plainValue(entry);
    // Without `jitless` zod would generate code from the schema, which a component may have brought along.
    const result = schema.safeParse(value, { error: issueMessage, jitless: true });
    if (result.success) return result.data;
    if (typeSubstituted(entry, result.error.issues)) continue;
    for (const issue of simplified(result.error.issues)) reportIssue(issue, entry, schema, report, options);
    return undefined;
  }
}

/** Give substituted scalars the type that the schema misses; false when there is nothing to give. */
function typeSubstituted(root: Entry, issues: readonly Issue[]): boolean {
  let changed = false;
  for (const issue of issues.filter(wantsTyped)) {
    const { entry, depth } = entryAt(root, issue.path as Path);
    if (depth < issue.path.length || !entry.substitution?.whole || typeof entry.scalar !== 'string') continue;
    const typed = typedScalar(entry.scalar);
    if (typed === undefined) continue;
    entry.scalar = typed;
    changed = true;
  }
  return changed;
}

function reportIssue(
  issue: Issue,
  root: Entry,
  schema: z.ZodType,
  report: Report,
  options: CheckOptions,
): void {
  const path = issue.path as Path;
  const { entry, depth } = entryAt(root, path);
  const label = labelled(options.label, path);
  if (entry.substitution?.failed) return;
  if (issue.code === 'custom' && [...entriesUnder(entry)].some((inner) => inner.substitution?.failed)) return;

  const described = schemaAt(options.jsonSchema ?? jsonSchemaOf(schema), path);
  const description = described?.description && lowerFirst(described.description);
  if (issue.code === 'unrecognized_keys') {
    const allowed = Object.keys(described?.properties ?? {});
    for (const key of issue.keys) reportUnknownKey(key, entry, label, allowed, report, options);
  } else if (depth < path.length && saysWrongType(issue)) {
    const container = labelled(options.label, path.slice(0, depth));
    const hint = `add \`${path[depth]}\`: ${description ?? issue.message}`;
    report.key(
      configErrors.WEIR_CONFIG_MISSING_KEY,
      entry,
      `${container} lacks the key \`${path[depth]}\``,
      hint,
    );
  } else if (issue.code === 'invalid_key') {
    const [reason] = issue.issues;
    report.key(
      configErrors.WEIR_CONFIG_VALUE,
      entry,
      `${label} is not a good name: ${reason?.message ?? issue.message}`,
    );
  } else {
    report.value(
      configErrors.WEIR_CONFIG_VALUE,
      entry,
      `${label}: ${issue.message}${got(issue, entry)}`,
      valueHint(issue, entry) ?? (description && `\`${path.at(-1)}\`: ${description}`),
    );
  }
}

function reportUnknownKey(
  key: string,
  holder: Entry,
  label: string,
  allowed: readonly string[],
  report: Report,
  options: CheckOptions,
): void {
  const entry = holder.fields?.get(key) ?? holder;
  const close = nearest(key, allowed);
  const place = options.structural && close === undefined ? keyPlaces[key] : undefined;
  if (place !== undefined) {
    report.key(
      configErrors.WEIR_CONFIG_MISPLACED,
      entry,
      `\`${key}\` cannot stand ${label === WHOLE_FILE ? 'at the top of the file' : `in ${label}`}`,
      `it belongs in ${place}`,
    );
    return;
  }
  const hint =
    close !== undefined
      ? `did you mean \`${close}\`?`
      : allowed.length > 0
        ? `known keys here: ${allowed.join(', ')}`
        : 'leave it out: no keys are known here';
  report.key(configErrors.WEIR_CONFIG_UNKNOWN_KEY, entry, `${label} has no key \`${key}\``, hint);
}

/** What stands there instead, where a message says what was expected. */
function got(issue: Issue, entry: Entry): string {
  if (!issue.message.startsWith('expected')) return '';
  if (entry.fields !== undefined) return saysWrongType(issue) ? ', got a mapping' : '';
  if (entry.items !== undefined) return saysWrongType(issue) ? ', got a list' : '';
  if (entry.scalar === null || entry.scalar === undefined) return ', got nothing';
  return `, got ${shownScalar(entry)}`;
}

/** A scalar for a message: short, and masked where it was substituted. */
export function shownScalar(entry: Entry): string {
  const text = JSON.stringify(entry.substitution?.shown ?? entry.scalar);
  return text.length > 80 ? `${text.slice(0, 76)}…"` : text;
}

function valueHint(issue: Issue, entry: Entry): string | undefined {
  if (issue.code === 'invalid_value' && typeof entry.scalar === 'string') {
    const close = nearest(
      entry.scalar,
      issue.values.filter((value) => typeof value === 'string'),
    );
    return close === undefined ? undefined : `did you mean \`${close}\`?`;
  }
  if (issue.code === 'invalid_type' && issue.expected === 'string' && typeof entry.scalar !== 'object') {
    return entry.scalar === undefined ? undefined : 'quote it to make it a string';
  }
  return undefined;
}

/** `nodes.in` and `['config', 'tokens', 0]` give `nodes.in.config.tokens[0]`, in backticks. */
export function labelled(label: string, path: Path): string {
  const whole = path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    label,
  );
  return whole === '' ? WHOLE_FILE : `\`${whole}\``;
}

/** The schema at `path`, alternatives joined into one. */
function schemaAt(schema: JsonSchema | undefined, path: Path): JsonSchema | undefined {
  let here = schema && joined(schema);
  for (const key of path) {
    const next: JsonSchema | boolean | undefined =
      typeof key === 'number' ? here?.items : (here?.properties?.[key] ?? here?.additionalProperties);
    if (typeof next !== 'object') return undefined;
    here = joined(next);
  }
  return here;
}

function joined(schema: JsonSchema): JsonSchema {
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].map(joined);
  if (parts.length === 0) return schema;
  const properties = Object.assign({}, ...parts.map((part) => part.properties), schema.properties);
  return { ...Object.assign({}, ...parts), ...schema, properties };
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

/** `limits:` with nothing after it counts as left out, as when its lines are commented out. */
function withoutEmptyFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
