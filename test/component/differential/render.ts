/**
 * A value as text, by its type: two values are the same when their texts are. Objects of resources
 * are written as the id that they answer with; the class of a typed array counts.
 */
import type { HandleValue } from './arbitrary.ts';
import { caseIndex } from './peers.ts';
import { isNullable, memberKey, type Shape } from './shape.ts';

export function render(shape: Shape | undefined, value: unknown): string {
  if (shape === undefined) return value === undefined ? '()' : `not absent: ${String(value)}`;
  switch (shape.kind) {
    case 'map': {
      const entries = Array.from(
        value as Map<unknown, unknown>,
        ([key, item]) => `${render(shape.key, key)} => ${render(shape.value, item)}`,
      );
      return `${(value as object).constructor.name}{${entries.join(', ')}}`;
    }
    case 'list':
    case 'array':
      return renderList(shape.element, value);
    case 'option':
      return renderOption(shape, value);
    case 'tuple': {
      const parts = value as unknown[];
      const inner = shape.parts.map((part, i) => render(part, parts[i])).join(', ');
      return parts.length === shape.parts.length ? `[${inner}]` : `[${parts.length} parts: ${inner}]`;
    }
    case 'record':
      return renderFields(
        value,
        shape.parts.map((part) => (field) => render(part, field)),
      );
    case 'flags':
      return renderFields(
        value,
        Array.from({ length: shape.count }, () => (field) => String(field)),
      );
    case 'variant':
    case 'result': {
      const { tag, val } = value as { tag: string; val?: unknown };
      return `${tag}(${render(shape.cases[caseIndex(shape, tag)] ?? undefined, val)})`;
    }
    case 'own-host':
    case 'own-guest': {
      const id = 'handle' in (value as object) ? (value as HandleValue).id : (value as { id(): number }).id();
      return `${shape.kind}#${id}`;
    }
    default:
      return renderScalar(value);
  }
}

function renderScalar(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  return Object.is(value, -0) ? '-0' : String(value);
}

function renderList(element: Shape, value: unknown): string {
  const items = Array.from(value as ArrayLike<unknown>, (item) => render(element, item)).join(', ');
  return `${Array.isArray(value) ? '' : (value as object).constructor.name}[${items}]`;
}

function renderOption(shape: Shape & { kind: 'option' }, value: unknown): string {
  const { some } = shape;
  if (isNullable(shape)) return value === undefined ? 'none' : `some(${render(some, value)})`;
  const { tag, val } = value as { tag: string; val?: unknown };
  return tag === 'none' ? 'none' : `some(${render(some, val)})`;
}

function renderFields(value: unknown, members: readonly ((field: unknown) => string)[]): string {
  const fields = { ...(value as Record<string, unknown>) };
  const inner = members.map((member, i) => {
    const text = member(fields[memberKey(i)]);
    delete fields[memberKey(i)];
    return `${memberKey(i)}: ${text}`;
  });
  return `{${[...inner, ...Object.keys(fields).map((key) => `surplus ${key}`)].join(', ')}}`;
}
