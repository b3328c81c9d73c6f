/**
 * Lifting by walking the type: core values or memory → JavaScript value (CanonicalABI.md, "Loading",
 * "Flat Lifting"). The generated bindings do the same without the walk; this one works where code
 * generation from strings is disallowed, and for types too large to be worth generating for.
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
import { elementBytes } from './lift-cost.ts';
import type { Memory } from './memory.ts';
import type { Side } from './side.ts';
import { liftString } from './strings.ts';
import { badDiscriminant, charFrom, f32FromBits, f64FromBits, isNullable, typedLists } from './values.ts';

export type CoreValue = number | bigint;

/** Core values being consumed. */
export interface FlatSource {
  readonly values: readonly CoreValue[];
  readonly types: readonly FlatType[];
  at: number;
}

export function liftFlat(
  side: Side,
  type: ValueType,
  source: FlatSource,
  scope: BorrowScope | undefined,
): unknown {
  switch (type.kind) {
    case 'bool':
      return i32(source) !== 0;
    case 'u8':
      return i32(source) & 0xff;
    case 's8':
      return (i32(source) << 24) >> 24;
    case 'u16':
      return i32(source) & 0xffff;
    case 's16':
      return (i32(source) << 16) >> 16;
    case 'u32':
      return i32(source) >>> 0;
    case 's32':
      return i32(source);
    case 'u64':
      return BigInt.asUintN(64, take(source) as bigint);
    case 's64':
      return BigInt.asIntN(64, take(source) as bigint);
    case 'f32':
      return f32(source);
    case 'f64':
      return f64(source);
    case 'char':
      return charFrom(i32(source));
    case 'string': {
      const pointer = i32(source) >>> 0;
      return liftString(side.memory!.fresh(), side.encoding, pointer, i32(source) >>> 0);
    }
    case 'list': {
      if (type.length !== undefined) {
        return collect(type.length, () => liftFlat(side, type.element, source, scope));
      }
      const pointer = i32(source) >>> 0;
      return asMap(side, type, liftList(side, type.element, pointer, i32(source) >>> 0, scope));
    }
    case 'record':
      return record(type.fields.map((field) => [field.name, liftFlat(side, field.type, source, scope)]));
    case 'tuple':
      return type.elements.map((element) => liftFlat(side, element, source, scope));
    case 'flags':
      return flags(type.names, i32(source));
    case 'own':
      return side.face(type.resource).liftOwn(side.instance, i32(source));
    case 'borrow':
      return side.face(type.resource).liftBorrow(side.instance, i32(source), scope!);
    case 'variant':
    case 'enum':
    case 'option':
    case 'result': {
      const end = source.at + layoutOf(type).flat!.length;
      const payloads = casesOf(type)!;
      const index = i32(source) >>> 0;
      if (index >= payloads.length) badDiscriminant(index, payloads.length);
      const payload = payloads[index];
      const value = payload && liftFlat(side, payload, source, scope);
      source.at = end;
      return choice(type, index, value);
    }
    default:
      return trap('unsupported', `values of type ${type.kind} are not supported`);
  }
}

function take(source: FlatSource): CoreValue {
  return source.values[source.at++]!;
}

/** An i32, out of an i64 where a variant joined the two. */
function i32(source: FlatSource): number {
  const value = take(source);
  return typeof value === 'bigint' ? Number(BigInt.asIntN(32, value)) : value | 0;
}

function f32(source: FlatSource): number {
  if (source.types[source.at] === 'f32') return take(source) as number;
  return f32FromBits(i32(source));
}

function f64(source: FlatSource): number {
  const value = take(source);
  return typeof value === 'bigint' ? f64FromBits(value) : value;
}

export function load(side: Side, type: ValueType, at: number, scope: BorrowScope | undefined): unknown {
  const memory = side.memory!;
  switch (type.kind) {
    case 'bool':
      return memory.u8[at] !== 0;
    case 'u8':
    case 's8':
    case 'u16':
    case 's16':
    case 'u32':
    case 's32':
    case 'u64':
    case 's64':
    case 'f32':
    case 'f64': {
      const { view, shift } = typedLists[type.kind]!;
      return memory[view][at >>> shift];
    }
    case 'char':
      return charFrom(memory.u32[at >>> 2]!);
    case 'string':
      return liftString(memory, side.encoding, memory.u32[at >>> 2]!, memory.u32[(at >>> 2) + 1]!);
    case 'list': {
      if (type.length === undefined) {
        return asMap(
          side,
          type,
          liftList(side, type.element, memory.u32[at >>> 2]!, memory.u32[(at >>> 2) + 1]!, scope),
        );
      }
      const elements = loadElements(side, type, at, type.length, scope);
      // Lists whose length the type says are arrays in JavaScript, whatever they hold.
      return Array.from(elements as Iterable<unknown>);
    }
    case 'record': {
      const offsets = fieldOffsets(type.fields.map((field) => field.type));
      return record(
        type.fields.map((field, i) => [field.name, load(side, field.type, at + offsets[i]!, scope)]),
      );
    }
    case 'tuple': {
      const offsets = fieldOffsets(type.elements);
      return type.elements.map((element, i) => load(side, element, at + offsets[i]!, scope));
    }
    case 'flags':
      return flags(type.names, loadUnsigned(memory, at, layoutOf(type).size));
    case 'own':
      return side.face(type.resource).liftOwn(side.instance, memory.i32[at >>> 2]!);
    case 'borrow':
      return side.face(type.resource).liftBorrow(side.instance, memory.i32[at >>> 2]!, scope!);
    case 'variant':
    case 'enum':
    case 'option':
    case 'result': {
      const payloads = casesOf(type)!;
      const index = loadUnsigned(memory, at, discriminantSize(payloads.length));
      if (index >= payloads.length) badDiscriminant(index, payloads.length);
      const payload = payloads[index];
      return choice(type, index, payload && load(side, payload, at + payloadOffset(payloads), scope));
    }
    default:
      return trap('unsupported', `values of type ${type.kind} are not supported`);
  }
}

function loadUnsigned(memory: Memory, at: number, size: number): number {
  if (size === 1) return memory.u8[at]!;
  return size === 2 ? memory.u16[at >>> 1]! : memory.u32[at >>> 2]!;
}

function asMap(side: Side, type: ValueType, items: unknown): unknown {
  const isMap = type.kind === 'list' && type.map && side.towards === 'host';
  return isMap ? new Map(items as [unknown, unknown][]) : items;
}

function liftList(
  side: Side,
  element: ValueType,
  pointer: number,
  length: number,
  scope: BorrowScope | undefined,
): unknown {
  const memory = side.memory!.fresh();
  const { size, align } = layoutOf(element);
  memory.check(pointer, length * size, align, 'list');
  memory.checkTransfer(length * size, 'list');
  memory.charge(length * elementBytes(element));
  return loadElements(side, { element }, pointer, length, scope);
}

function loadElements(
  side: Side,
  list: { readonly element: ValueType },
  pointer: number,
  length: number,
  scope: BorrowScope | undefined,
): unknown {
  const typed = typedLists[list.element.kind];
  if (typed) {
    const start = pointer >>> typed.shift;
    return side.memory![typed.view].slice(start, start + length);
  }
  const { size } = layoutOf(list.element);
  let at = pointer - size;
  return collect(length, () => {
    at += size;
    return load(side, list.element, at, scope);
  });
}

function collect(length: number, next: () => unknown): unknown[] {
  const items: unknown[] = [];
  for (let i = 0; i < length; i++) items.push(next());
  return items;
}

function record(entries: [string, unknown][]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of entries) result[camelCase(name)] = value;
  return result;
}

function flags(names: readonly string[], bits: number): Record<string, boolean> {
  const result: Record<string, boolean> = {};
  for (const [i, name] of names.entries()) result[camelCase(name)] = ((bits >>> i) & 1) === 1;
  return result;
}

function choice(type: ValueType, index: number, value: unknown): unknown {
  switch (type.kind) {
    case 'enum':
      return type.names[index];
    case 'option':
      if (isNullable(type)) return value;
      return index === 0 ? { tag: 'none' } : { tag: 'some', val: value };
    case 'result':
      return { tag: index === 0 ? 'ok' : 'err', val: value };
    case 'variant': {
      const { name, type: payload } = type.cases[index]!;
      return payload === undefined ? { tag: name } : { tag: name, val: value };
    }
    default:
      return undefined;
  }
}
