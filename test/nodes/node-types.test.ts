import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { nodeTypes } from '../../host/nodes/index.ts';

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly description?: string;
  readonly additionalProperties?: unknown;
}

function undescribed(schema: JsonSchema, path = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    ...(field.description === undefined ? [`${path}${name}`] : []),
    ...undescribed(field, `${path}${name}.`),
  ]);
}

it('node types are listed once', () => {
  const names = nodeTypes.map(({ type }) => type);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(nodeTypes.map((nodeType) => [nodeType.type, nodeType] as const))('%s', (_name, nodeType) => {
  const schema = z.toJSONSchema(nodeType.schema, { io: 'input' }) as JsonSchema;

  it('describes itself and every field of its configuration', () => {
    expect(nodeType.description).toMatch(/^[A-Z].*\.$/);
    expect(undescribed(schema)).toEqual([]);
  });

  it('refuses fields that it does not know', () => {
    expect(schema.additionalProperties).toBe(false);
  });

  it('is named after its kind', () => {
    expect(nodeType.type.split(':')[0]).toBe(nodeType.kind);
  });
});
