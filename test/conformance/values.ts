/** Values as scripts write them (`(u32.const 1)`) ↔ as JavaScript has them. */
import { isDeepStrictEqual } from 'node:util';
import { camelCase } from '../../host/component/names.ts';
import { headOf, isList, type List, type Node, textOf } from './script.ts';

export function scriptValue(node: Node | undefined): unknown {
  if (!isList(node)) throw new SyntaxError(`not a value: ${String(node)}`);
  const [, first, second] = node.items;
  switch (headOf(node)) {
    case 'bool.const':
      return first === 'true';
    case 'u8.const':
    case 's8.const':
    case 'u16.const':
    case 's16.const':
    case 'u32.const':
    case 's32.const':
      return wrapped(headOf(node), numberOf(first));
    case 'u64.const':
      return BigInt.asUintN(64, bigintOf(first));
    case 's64.const':
      return BigInt.asIntN(64, bigintOf(first));
    case 'f32.const':
      return Math.fround(numberOf(first));
    case 'f64.const':
      return numberOf(first);
    case 'char.const':
    case 'str.const':
      return textOf(first);
    case 'list.const':
      return node.items.slice(1).map(scriptValue);
    case 'tuple.const':
      return node.items.slice(1).map(scriptValue);
    case 'record.const':
      return Object.fromEntries(
        node.items.slice(1).map((field) => {
          // `(field "n" (u32.const 1))`, or without the inner parentheses.
          const { items, line, source } = field as List;
          const value = isList(items[2]) ? items[2] : { items: items.slice(2), line, source };
          return [camelCase(textOf(items[1])), scriptValue(value)];
        }),
      );
    case 'variant.const':
      return second === undefined ? { tag: textOf(first) } : { tag: textOf(first), val: scriptValue(second) };
    case 'enum.const':
      return textOf(first);
    case 'flags.const':
      return Object.fromEntries(node.items.slice(1).map((name) => [camelCase(textOf(name)), true]));
    case 'option.none':
      return undefined;
    case 'option.some':
      return scriptValue(first);
    case 'result.ok':
      return { tag: 'ok', val: first === undefined ? undefined : scriptValue(first) };
    case 'result.err':
      return { tag: 'err', val: first === undefined ? undefined : scriptValue(first) };
    default:
      throw new SyntaxError(`not a value: ${node.source}`);
  }
}

function wrapped(kind: string, value: number): number {
  if (kind.startsWith('u')) return value;
  const shift = 32 - Number.parseInt(kind.slice(1), 10);
  return (value << shift) >> shift;
}

function numberOf(node: Node | undefined): number {
  const text = String(node).replaceAll('_', '');
  if (text === 'nan' || text.startsWith('nan:')) return Number.NaN;
  if (text === 'inf' || text === '+inf') return Number.POSITIVE_INFINITY;
  if (text === '-inf') return Number.NEGATIVE_INFINITY;
  if (text.startsWith('-')) return -Number(text.slice(1));
  return Number(text);
}

function bigintOf(node: Node | undefined): bigint {
  const text = String(node).replaceAll('_', '');
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}

/** Is what a function returned what the script expects? Flags that are off may be absent in the script. */
export function matches(actual: unknown, expected: unknown): boolean {
  return isDeepStrictEqual(plain(actual), plain(expected));
}

function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== false && item !== undefined);
    return Object.fromEntries(entries.map(([name, item]) => [name, plain(item)]));
  }
  return value;
}

/** A value for a message. */
export function print(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}n` : item)) ?? 'nothing';
}
