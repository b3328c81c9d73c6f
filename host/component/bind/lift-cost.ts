/**
 * What a lifted value costs the host: an estimate of the bytes of its JavaScript form, on the safe side.
 * A guest pays a few bytes for what becomes an object here (a list of one-byte variants), and nothing at all
 * for pointing to the same list a thousand times; so what lifting allocates is counted, and bounded by
 * `InstanceLimits.liftBytes`. What a type costs by itself is here; strings and lists are counted by
 * their lengths as they are lifted (`Memory.charge`).
 */
import { layoutOf } from '../abi/layout.ts';
import type { ValueType } from '../types.ts';
import { partsOf } from '../validate/value-types.ts';
import { typedLists } from './values.ts';

/** A field, or an item of an array: a pointer. */
const slot = 8;
const object = 40;
/** With its buffer, and what V8 keeps of that. */
const typedArray = 256;
const largest = Number.MAX_SAFE_INTEGER;

const costs = new WeakMap<ValueType, number>();

/** Bytes of one value, without the contents of strings and of lists that say their length themselves. */
export function hostBytes(type: ValueType): number {
  let cost = costs.get(type);
  if (cost === undefined) {
    cost = Math.min(largest, ownBytes(type));
    costs.set(type, cost);
  }
  return cost;
}

/** Bytes that one element adds to a list. */
export function elementBytes(element: ValueType): number {
  return typedLists[element.kind] === undefined ? slot + hostBytes(element) : layoutOf(element).size;
}

/** Does lifting it have to be counted? What carries no list and no string is as large as its type, and small. */
export function isCounted(type: ValueType): boolean {
  return type.kind === 'string' || type.kind === 'list' || partsOf(type).some(isCounted);
}

function ownBytes(type: ValueType): number {
  switch (type.kind) {
    case 'bool':
    case 'enum':
      return 0;
    case 'string':
    case 'char':
      return 32;
    case 'list': {
      const empty = typedLists[type.element.kind] === undefined ? object : typedArray;
      return empty + (type.map ? 2 * object : 0) + (type.length ?? 0) * elementBytes(type.element);
    }
    case 'record':
    case 'tuple':
      return partsOf(type).reduce((sum, part) => sum + slot + hostBytes(part), object);
    case 'flags':
      return object + slot * type.names.length;
    case 'variant':
    case 'option':
    case 'result':
      return object + Math.max(0, ...partsOf(type).map(hostBytes));
    case 'own':
    case 'borrow':
      return 3 * object;
    default:
      return 24; // a number or a bigint, boxed
  }
}
