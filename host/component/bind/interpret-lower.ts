/**
 * Lowering by walking the type: JavaScript value → core values or memory (CanonicalABI.md, "Storing",
 * "Flat Lowering"). Counterpart of `interpret-lift.ts`. A value of the wrong JavaScript type is a
 * `WrongValue`.
 */
import {
  casesOf,
  discriminantSize,
  type FlatType,
  fieldOffsets,
  layoutOf,
  payloadOffset,
} from '../abi/layout.ts';
import { camelCase } from '../names.ts';
import { trap } from '../run/fault.ts';
import type { BorrowScope } from '../run/handles.ts';
import type { ValueType } from '../types.ts';
import type { CoreValue } from './interpret-lift.ts';
import type { Memory } from './memory.ts';
import type { Side } from './side.ts';
import { lowerString, type Region } from './strings.ts';
import { charOf, f32ToBits, f64ToBits, integerRanges, isNullable, typedLists, wrong } from './values.ts';

/** Core values being produced, and the types that the callee wants them in. */
export interface FlatSink {
  readonly values: CoreValue[];
  readonly types: readonly FlatType[];
}

/** A value that fits one core value: a number (booleans and chars too), or a bigint. */
function scalar(side: Side, type: ValueType, value: unknown, scope: BorrowScope | undefined): CoreValue {
  switch (type.kind) {
    case 'bool':
      if (typeof value !== 'boolean') return wrong('a boolean', value);
      return value ? 1 : 0;
    case 'u8':
    case 's8':
    case 'u16':
    case 's16':
    case 'u32':
    case 's32': {
      const { min, max } = integerRanges[type.kind]!;
      if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
        return wrong(`a ${type.kind} (an integer from ${min} to ${max})`, value);
      }
      return value | 0;
    }
    case 'u64':
      if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
        return wrong('a u64 (a bigint)', value);
      return value;
    case 's64':
      if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value)
        return wrong('an s64 (a bigint)', value);
      return value;
    case 'f32':
    case 'f64':
      if (typeof value !== 'number') return wrong(`an ${type.kind} (a number)`, value);
      return value;
    case 'char':
      return charOf(value);
    case 'flags':
      return flagBits(type.names, value);
    case 'own':
      return side.face(type.resource).lowerOwn(side.instance, value);
    case 'borrow':
      return side.face(type.resource).lowerBorrow(side.instance, value, scope!);
    default:
      return trap('unsupported', `values of type ${type.kind} are not supported`);
  }
}

function flagBits(names: readonly string[], value: unknown): number {
  if (typeof value !== 'object' || value === null) return wrong('flags (an object of booleans)', value);
  let bits = 0;
  for (const [i, name] of names.entries()) {
    const flag = (value as Record<string, unknown>)[camelCase(name)];
    if (flag === true) bits |= 1 << i;
    else if (flag !== false && flag !== undefined) wrong(`a boolean for the flag ${camelCase(name)}`, flag);
  }
  return bits;
}

function push(sink: FlatSink, value: CoreValue, have: FlatType): void {
  const want = sink.types[sink.values.length]!;
  if (want === have) sink.values.push(value);
  else if (have === 'f32') {
    const bits = f32ToBits(value as number);
    sink.values.push(want === 'i64' ? BigInt.asUintN(32, BigInt(bits)) : bits);
  } else if (have === 'f64') sink.values.push(f64ToBits(value as number));
  else sink.values.push(BigInt.asUintN(32, BigInt(value)));
}

export function lowerFlat(
  side: Side,
  type: ValueType,
  value: unknown,
  sink: FlatSink,
  scope: BorrowScope | undefined,
): void {
  switch (type.kind) {
    case 'string':
    case 'list': {
      if (type.kind === 'list' && type.length !== undefined) {
        const items = itemsOf(type.element, value, type.length);
        for (let i = 0; i < type.length; i++) lowerFlat(side, type.element, items[i], sink, scope);
        return;
      }
      const region = lowerRegion(side, type, value, scope);
      push(sink, region.pointer | 0, 'i32');
      push(sink, region.length | 0, 'i32');
      return;
    }
    case 'record':
      for (const field of type.fields) lowerFlat(side, field.type, fieldOf(value, field.name), sink, scope);
      return;
    case 'tuple': {
      const items = tupleOf(type.elements.length, value);
      for (const [i, element] of type.elements.entries()) lowerFlat(side, element, items[i], sink, scope);
      return;
    }
    case 'variant':
    case 'enum':
    case 'option':
    case 'result': {
      const end = sink.values.length + layoutOf(type).flat!.length;
      const { index, payload, inner } = choose(type, value);
      push(sink, index, 'i32');
      if (payload) lowerFlat(side, payload, inner, sink, scope);
      while (sink.values.length < end) sink.values.push(sink.types[sink.values.length] === 'i64' ? 0n : 0);
      return;
    }
    default:
      push(sink, scalar(side, type, value, scope), layoutOf(type).flat![0]!);
  }
}

export function store(
  side: Side,
  type: ValueType,
  value: unknown,
  at: number,
  scope: BorrowScope | undefined,
): void {
  const memory = side.memory!;
  switch (type.kind) {
    case 'string':
    case 'list': {
      if (type.kind === 'list' && type.length !== undefined) {
        storeElements(side, type.element, itemsOf(type.element, value, type.length), at, scope);
        return;
      }
      const region = lowerRegion(side, type, value, scope);
      memory.u32[at >>> 2] = region.pointer;
      memory.u32[(at >>> 2) + 1] = region.length;
      return;
    }
    case 'record': {
      const offsets = fieldOffsets(type.fields.map((field) => field.type));
      for (const [i, field] of type.fields.entries()) {
        store(side, field.type, fieldOf(value, field.name), at + offsets[i]!, scope);
      }
      return;
    }
    case 'tuple': {
      const offsets = fieldOffsets(type.elements);
      const items = tupleOf(type.elements.length, value);
      for (const [i, element] of type.elements.entries())
        store(side, element, items[i], at + offsets[i]!, scope);
      return;
    }
    case 'variant':
    case 'enum':
    case 'option':
    case 'result': {
      const { index, payload, inner } = choose(type, value);
      const payloads = casesOf(type)!;
      storeUnsigned(memory, at, discriminantSize(payloads.length), index);
      if (payload) store(side, payload, inner, at + payloadOffset(payloads), scope);
      return;
    }
    case 'flags':
      storeUnsigned(memory, at, layoutOf(type).size, flagBits(type.names, value));
      return;
    case 'bool':
      memory.u8[at] = scalar(side, type, value, scope) as number;
      return;
    case 'char':
    case 'own':
    case 'borrow':
      memory.u32[at >>> 2] = scalar(side, type, value, scope) as number;
      return;
    default: {
      const typed = typedLists[type.kind];
      const lowered = scalar(side, type, value, scope);
      const { view, shift } = typed!;
      memory[view][at >>> shift] = lowered as never;
    }
  }
}

function storeUnsigned(memory: Memory, at: number, size: number, value: number): void {
  if (size === 1) memory.u8[at] = value;
  else if (size === 2) memory.u16[at >>> 1] = value;
  else memory.u32[at >>> 2] = value;
}

function lowerRegion(side: Side, type: ValueType, value: unknown, scope: BorrowScope | undefined): Region {
  const region: Region = { pointer: 0, length: 0 };
  if (type.kind === 'string') {
    if (typeof value !== 'string') return wrong('a string', value);
    lowerString(side.memory!, side.realloc!, side.encoding, value, region);
    return region;
  }
  const { element } = type as { element: ValueType };
  const items = itemsOf(element, entriesOf(side, type, value), undefined);
  const { size, align } = layoutOf(element);
  const { transferBytes } = side.memory!;
  if (items.length * size > transferBytes) wrong(`a list of at most ${transferBytes} bytes`, value);
  region.length = items.length;
  region.pointer = side.realloc!(0, 0, align, items.length * size);
  storeElements(side, element, items, region.pointer, scope);
  return region;
}

function storeElements(
  side: Side,
  element: ValueType,
  items: ArrayLike<unknown>,
  at: number,
  scope: BorrowScope | undefined,
): void {
  const typed = typedLists[element.kind];
  if (typed && items instanceof typed.array) {
    side.memory![typed.view].set(items as never, at >>> typed.shift);
    return;
  }
  const { size } = layoutOf(element);
  const { length } = items;
  for (let i = 0; i < length; i++) store(side, element, items[i], at + i * size, scope);
}

function entriesOf(side: Side, type: ValueType, value: unknown): unknown {
  if (type.kind !== 'list' || !type.map || side.towards === 'guest') return value;
  return value instanceof Map ? [...value] : wrong('a Map', value);
}

/** What may stand for a list: an array, or the typed array of its elements. */
function itemsOf(element: ValueType, value: unknown, length: number | undefined): ArrayLike<unknown> {
  const typed = typedLists[element.kind];
  const items =
    Array.isArray(value) || (typed && value instanceof typed.array)
      ? (value as ArrayLike<unknown>)
      : undefined;
  if (!items) return wrong(typed ? `a list (${typed.array.name} or an array)` : 'a list (an array)', value);
  if (length !== undefined && items.length !== length) return wrong(`a list of ${length} elements`, value);
  return items;
}

function tupleOf(length: number, value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== length)
    return wrong(`a tuple (an array of ${length})`, value);
  return value;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null)
    return wrong(`a record with the field ${camelCase(name)}`, value);
  return (value as Record<string, unknown>)[camelCase(name)];
}

interface Choice {
  readonly index: number;
  readonly payload: ValueType | undefined;
  readonly inner: unknown;
}

function choose(type: ValueType, value: unknown): Choice {
  if (type.kind === 'enum') {
    const index = type.names.indexOf(value as string);
    if (index < 0) return wrong(`one of the enum's names (${type.names.slice(0, 8).join(', ')})`, value);
    return { index, payload: undefined, inner: undefined };
  }
  if (type.kind === 'option' && isNullable(type)) {
    if (value === undefined || value === null) return { index: 0, payload: undefined, inner: undefined };
    return { index: 1, payload: type.some, inner: value };
  }
  const labels = labelsOf(type);
  if (typeof value !== 'object' || value === null)
    return wrong(`{ tag, val } with a tag of ${labels.slice(0, 8).join(', ')}`, value);
  const { tag, val } = value as { tag?: unknown; val?: unknown };
  const index = labels.indexOf(tag as string);
  if (index < 0) return wrong(`a tag of ${labels.slice(0, 8).join(', ')}`, tag);
  return { index, payload: casesOf(type)![index], inner: val };
}

function labelsOf(type: ValueType): readonly string[] {
  if (type.kind === 'variant') return type.cases.map((one) => one.name);
  return type.kind === 'option' ? ['none', 'some'] : ['ok', 'err'];
}
