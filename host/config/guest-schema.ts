/**
 * The configuration of an extension against the JSON Schema in its component's manifest.
 *
 * The schema was written by somebody who need not be trusted. So it is interpreted, never compiled to
 * code (as ajv does, whose documentation asks for trusted schemas), and everything that runs on it
 * runs under a time limit, because a regular expression in it may take for ever on a harmless value.
 */
import { createContext, Script } from 'node:vm';
import { z } from 'zod';
import { check, type JsonSchema } from './check.ts';
import type { Entry } from './document.ts';
import { configErrors } from './errors.ts';
import type { Report } from './report.ts';

/** Far more than any honest schema takes. */
const CHECK_MS = 1000;

/** The entry's value with the schema's defaults filled in; undefined when it is wrong, which is reported. */
export function checkGuestConfig(
  schema: Readonly<Record<string, unknown>>,
  entry: Entry,
  report: Report,
  label: string,
): unknown {
  try {
    return withinTime(() => {
      const { zodSchema, jsonSchema } = readSchema(schema);
      return check(zodSchema, entry, report, { label, jsonSchema });
    });
  } catch (error) {
    const why =
      (error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
        ? `checking a value against it takes more than ${CHECK_MS} ms`
        : error instanceof RangeError
          ? 'it is nested too deeply'
          : (error as Error).message;
    report.value(
      configErrors.WEIR_CONFIG_PROVIDER_SCHEMA,
      entry,
      `${label}: the schema that the component brings along cannot be used: ${why}`,
      'ask the author of the extension to mend its manifest',
    );
    return undefined;
  }
}

interface ReadSchema {
  readonly zodSchema: z.ZodType;
  readonly jsonSchema: JsonSchema;
}

/** By the manifest's own object: many extensions may share one provider. */
const readSchemas = new WeakMap<object, ReadSchema>();

function readSchema(schema: Readonly<Record<string, unknown>>): ReadSchema {
  const known = readSchemas.get(schema);
  if (known !== undefined) return known;
  const typed = withImpliedTypes(schema);
  const zodSchema = z.fromJSONSchema(typed as z.core.JSONSchema.JSONSchema, { registry: z.registry() });
  const read = { zodSchema, jsonSchema: typed as JsonSchema };
  readSchemas.set(schema, read);
  return read;
}

const slot: { run?: () => unknown } = {};
/** Made once, for making one takes milliseconds. */
let timed: (() => unknown) | undefined;

/** Run to the end or throw after `CHECK_MS`: the only way to interrupt a regular expression. */
function withinTime<T>(run: () => T): T {
  timed ??= timedRunner();
  slot.run = run;
  try {
    return timed() as T;
  } finally {
    slot.run = undefined;
  }
}

function timedRunner(): () => unknown {
  const script = new Script('run()');
  const context = createContext(slot);
  return () => script.runInContext(context, { timeout: CHECK_MS });
}

/** Keywords that say nothing to zod unless the schema also has a `type`, by the type they are about. */
const TYPE_BY_KEYWORD: Readonly<Record<string, string>> = {
  properties: 'object',
  required: 'object',
  additionalProperties: 'object',
  patternProperties: 'object',
  items: 'array',
  minItems: 'array',
  maxItems: 'array',
  pattern: 'string',
  minLength: 'string',
  maxLength: 'string',
  minimum: 'number',
  maximum: 'number',
};

/**
 * The schema with each missing `type` that its keywords imply. Stricter than the standard, where
 * `minLength: 1` lets every number through; but nobody who writes it means that.
 */
function withImpliedTypes(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withImpliedTypes);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    const isNames = keyword === 'properties' || keyword === '$defs' || keyword === 'definitions';
    copy[keyword] = ['const', 'enum', 'default', 'examples', 'required'].includes(keyword)
      ? value
      : isNames && typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withImpliedTypes(inner)]))
        : withImpliedTypes(value);
  }
  if (['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'].some((keyword) => keyword in copy))
    return copy;
  const implied = Object.keys(copy).find((keyword) => keyword in TYPE_BY_KEYWORD);
  return implied === undefined ? copy : { type: TYPE_BY_KEYWORD[implied], ...copy };
}
