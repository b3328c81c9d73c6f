/** The keys of a part of the configuration as a table, read from its zod schema. */
import { type ZodType, z } from 'zod';
import { formatByteSize, formatDuration } from '../../host/config/units.ts';

/** What of JSON Schema our schemas come out as. */
interface JsonSchema {
  readonly type?: string;
  /** Kinds of values of our own: durations, byte sizes, addresses. */
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

/** A table with a row for each key; those of sections as `section.key`. One sentence when there are none. */
export function keyTable(schema: ZodType): string {
  const found = rows(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema);
  if (found.length === 0) return 'It takes no `config`.';
  return ['| key | type | default | what it is |', '|---|---|---|---|', ...found].join('\n');
}

function rows({ properties = {}, required = [] }: JsonSchema, path = ''): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const key = `${path}${name}`;
    const standard = required.includes(name) ? 'required' : defaultOf(field);
    const row = `| \`${key}\` | ${typeOf(key, field)} | ${standard} | ${field.description ?? ''} |`;
    return [row, ...rows(field, `${key}.`)];
  });
}

function typeOf(key: string, field: JsonSchema): string {
  if (field.title !== undefined) return field.title;
  if (field.enum !== undefined) return oneOf(field.enum);
  if (field.properties !== undefined) return 'section';
  if (typeof field.additionalProperties === 'object') {
    const { type } = field.additionalProperties;
    return type === undefined ? 'section' : `${type}s by name`;
  }
  if (field.type === 'integer' || field.type === 'number') return [field.type, ...bounds(field)].join(', ');
  if (field.type === undefined)
    throw new TypeError(`the type of the key ${key} cannot be told from its schema`);
  return field.type;
}

function oneOf(values: readonly string[]): string {
  const quoted = values.map((value) => `\`${value}\``);
  return quoted.length === 1 ? quoted[0]! : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

function bounds({ minimum, exclusiveMinimum, maximum }: JsonSchema): string[] {
  const found: string[] = [];
  if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER) found.push(`at least ${minimum}`);
  if (exclusiveMinimum !== undefined) found.push(`above ${exclusiveMinimum}`);
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) found.push(`at most ${maximum}`);
  return found;
}

function defaultOf({ title, properties, default: value }: JsonSchema): string {
  if (value === undefined) return 'none';
  // A section that is left out has the defaults of its keys.
  if (properties !== undefined) return '';
  if (title === 'duration' && typeof value === 'number') return `\`${formatDuration(value)}\``;
  if (title === 'byte size' && typeof value === 'number') return `\`${formatByteSize(value)}\``;
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
