/** Source that lifts: core values or memory → a JavaScript expression. Means what `../interpret-lift.ts` does. */
import {
  casesOf,
  discriminantSize,
  type FlatType,
  fieldOffsets,
  layoutOf,
  payloadOffset,
} from '../../abi/layout.ts';
import type { ValueType } from '../../types.ts';
import { elementBytes } from '../lift-cost.ts';
import { isNullable, typedLists } from '../values.ts';
import { type Emitter, faceName, label, property, type SideNames } from './emitter.ts';

/** Core values that are still to be lifted: expressions with their types. */
export interface FlatInputs {
  readonly expressions: readonly string[];
  readonly types: readonly FlatType[];
  at: number;
}

function i32(inputs: FlatInputs): string {
  const at = inputs.at++;
  const expression = inputs.expressions[at]!;
  return inputs.types[at] === 'i64' ? `Number(BigInt.asIntN(32, ${expression}))` : expression;
}

function f32(inputs: FlatInputs): string {
  if (inputs.types[inputs.at] === 'f32') return inputs.expressions[inputs.at++]!;
  return `f32FromBits(${i32(inputs)})`;
}

function f64(inputs: FlatInputs): string {
  const at = inputs.at++;
  const expression = inputs.expressions[at]!;
  return inputs.types[at] === 'i64' ? `f64FromBits(${expression})` : expression;
}

export function emitLiftFlat(e: Emitter, side: SideNames, type: ValueType, inputs: FlatInputs): string {
  const { prefix } = side;
  switch (type.kind) {
    case 'bool':
      return `${i32(inputs)} !== 0`;
    case 'u8':
      return `${i32(inputs)} & 255`;
    case 's8':
      return `${i32(inputs)} << 24 >> 24`;
    case 'u16':
      return `${i32(inputs)} & 65535`;
    case 's16':
      return `${i32(inputs)} << 16 >> 16`;
    case 'u32':
      return `${i32(inputs)} >>> 0`;
    case 's32':
      return i32(inputs);
    case 'u64':
      return `BigInt.asUintN(64, ${inputs.expressions[inputs.at++]!})`;
    case 's64':
      return inputs.expressions[inputs.at++]!;
    case 'f32':
      return f32(inputs);
    case 'f64':
      return f64(inputs);
    case 'char':
      return `charFrom(${i32(inputs)})`;
    case 'string': {
      const pointer = i32(inputs);
      return liftString(e, side, `${pointer} >>> 0`, `${i32(inputs)} >>> 0`);
    }
    case 'list': {
      if (type.length === undefined) {
        const pointer = i32(inputs);
        return asMap(type, liftList(e, side, type.element, `${pointer} >>> 0`, `${i32(inputs)} >>> 0`));
      }
      const items = Array.from({ length: type.length }, () =>
        e.bind(emitLiftFlat(e, side, type.element, inputs)),
      );
      return `[${items.join(', ')}]`;
    }
    case 'record': {
      const fields = type.fields.map(
        (field) => `${property(field.name)}: ${e.bind(emitLiftFlat(e, side, field.type, inputs))}`,
      );
      return `{ ${fields.join(', ')} }`;
    }
    case 'tuple':
      return `[${type.elements.map((element) => e.bind(emitLiftFlat(e, side, element, inputs))).join(', ')}]`;
    case 'flags':
      return liftFlags(e, type.names, i32(inputs));
    case 'own':
      return `${faceName(side, type.resource)}.liftOwn(${prefix}I, ${i32(inputs)})`;
    case 'borrow':
      return `${faceName(side, type.resource)}.liftBorrow(${prefix}I, ${i32(inputs)}, ${prefix}S)`;
    case 'enum':
      return liftEnum(e, type.names, `${i32(inputs)} >>> 0`);
    default: {
      const start = inputs.at;
      const index = e.bind(`${i32(inputs)} >>> 0`);
      const after = inputs.at;
      const value = emitChoice(e, type, index, (payload) => {
        inputs.at = after;
        return emitLiftFlat(e, side, payload, inputs);
      });
      inputs.at = start + layoutOf(type).flat!.length;
      return value;
    }
  }
}

/** Source that loads from memory; `base` is a variable, `offset` a constant. */
export function emitLoad(e: Emitter, side: SideNames, type: ValueType, base: string, offset: number): string {
  const { prefix } = side;
  const memory = `${prefix}M`;
  const at = (shift: number) => {
    const sum = offset === 0 ? base : `${base} + ${offset}`;
    return shift === 0 ? sum : `(${sum}) >>> ${shift}`;
  };
  const word = (view: string, extra = 0) => `${memory}.${view}[(${base} + ${offset + extra}) >>> 2]`;
  switch (type.kind) {
    case 'bool':
      return `${memory}.u8[${at(0)}] !== 0`;
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
      return `${memory}.${view}[${at(shift)}]`;
    }
    case 'char':
      return `charFrom(${word('u32')})`;
    case 'string':
      return liftString(e, side, word('u32'), word('u32', 4));
    case 'list':
      if (type.length === undefined)
        return asMap(type, liftList(e, side, type.element, word('u32'), word('u32', 4)));
      return asArray(type.element, loadElements(e, side, type.element, e.bind(at(0)), String(type.length)));
    case 'record': {
      const offsets = fieldOffsets(type.fields.map((field) => field.type));
      const fields = type.fields.map(
        (field, i) =>
          `${property(field.name)}: ${e.bind(emitLoad(e, side, field.type, base, offset + offsets[i]!))}`,
      );
      return `{ ${fields.join(', ')} }`;
    }
    case 'tuple': {
      const offsets = fieldOffsets(type.elements);
      const items = type.elements.map((element, i) =>
        e.bind(emitLoad(e, side, element, base, offset + offsets[i]!)),
      );
      return `[${items.join(', ')}]`;
    }
    case 'flags':
      return liftFlags(e, type.names, loadUnsigned(memory, base, offset, layoutOf(type).size));
    case 'own':
      return `${faceName(side, type.resource)}.liftOwn(${prefix}I, ${word('i32')})`;
    case 'borrow':
      return `${faceName(side, type.resource)}.liftBorrow(${prefix}I, ${word('i32')}, ${prefix}S)`;
    case 'enum':
      return liftEnum(e, type.names, loadUnsigned(memory, base, offset, layoutOf(type).size));
    default: {
      const payloads = casesOf(type)!;
      const index = e.bind(loadUnsigned(memory, base, offset, discriminantSize(payloads.length)));
      const inner = offset + payloadOffset(payloads);
      return emitChoice(e, type, index, (payload) => emitLoad(e, side, payload, base, inner));
    }
  }
}

function loadUnsigned(memory: string, base: string, offset: number, size: number): string {
  const sum = `${base} + ${offset}`;
  if (size === 1) return `${memory}.u8[${sum}]`;
  return size === 2 ? `${memory}.u16[(${sum}) >>> 1]` : `${memory}.u32[(${sum}) >>> 2]`;
}

function liftString(e: Emitter, side: SideNames, pointer: string, length: string): string {
  if (side.encoding === 'utf8') return e.bind(`liftUtf8(${side.prefix}M, ${pointer}, ${length})`);
  return e.bind(`liftString(${side.prefix}M, ${side.prefix}E, ${pointer}, ${length})`);
}

/** Generated bindings always have the host at the other end. */
function asMap(type: ValueType, items: string): string {
  return type.kind === 'list' && type.map ? `new Map(${items})` : items;
}

function liftList(e: Emitter, side: SideNames, element: ValueType, pointer: string, length: string): string {
  const { size, align } = layoutOf(element);
  const start = e.bind(pointer);
  const count = e.bind(length);
  if (element.kind === 'u8') return e.bind(`liftBytes(${side.prefix}M, ${start}, ${count})`);
  e.line(`checkList(${side.prefix}M, ${start}, ${count}, ${size}, ${align}, ${elementBytes(element)});`);
  return loadElements(e, side, element, start, count);
}

/** Lists whose length the type says are arrays in JavaScript, whatever they hold. */
function asArray(element: ValueType, elements: string): string {
  return typedLists[element.kind] ? `Array.from(${elements})` : elements;
}

function loadElements(e: Emitter, side: SideNames, element: ValueType, start: string, count: string): string {
  const typed = typedLists[element.kind];
  if (typed) {
    const first = e.bind(`${start} >>> ${typed.shift}`);
    return e.bind(`${side.prefix}M.${typed.view}.slice(${first}, ${first} + ${count})`);
  }
  const { size } = layoutOf(element);
  const items = e.bind('[]');
  const index = e.fresh();
  const at = e.fresh();
  e.line(`for (let ${index} = 0, ${at} = ${start}; ${index} < ${count}; ${index}++, ${at} += ${size}) {`);
  e.line(`${items}.push(${emitLoad(e, side, element, at, 0)});`);
  e.line('}');
  return items;
}

function liftEnum(e: Emitter, names: readonly string[], index: string): string {
  const table = e.constant(`[${names.map(label).join(', ')}]`);
  const found = e.bind(index);
  e.line(`if (${found} >= ${names.length}) badDiscriminant(${found}, ${names.length});`);
  return `${table}[${found}]`;
}

function liftFlags(e: Emitter, names: readonly string[], bits: string): string {
  const found = e.bind(bits);
  const flags = names.map((name, i) => `${property(name)}: (${found} >>> ${i} & 1) === 1`);
  return `{ ${flags.join(', ')} }`;
}

/** A variant, option or result, once its discriminant is in `index`. */
function emitChoice(
  e: Emitter,
  type: ValueType,
  index: string,
  payload: (type: ValueType) => string,
): string {
  const value = e.fresh();
  e.line(`let ${value};`);
  emitCases(e, type, index, payload, (i, inner) => {
    e.line(`${value} = ${chosen(type, i, inner)};`);
  });
  return value;
}

/** A switch over the cases, each payload lifted in its own; `use` writes what becomes of it. */
export function emitCases(
  e: Emitter,
  type: ValueType,
  index: string,
  payload: (type: ValueType) => string,
  use: (index: number, inner: string | undefined) => void,
): void {
  const payloads = casesOf(type)!;
  e.line(`switch (${index}) {`);
  for (const [i, inner] of payloads.entries()) {
    e.line(`case ${i}: {`);
    use(i, inner && payload(inner));
    e.line('break; }');
  }
  e.line(`default: badDiscriminant(${index}, ${payloads.length});`);
  e.line('}');
}

function chosen(type: ValueType, index: number, inner: string | undefined): string {
  if (type.kind === 'option') {
    if (isNullable(type)) return inner ?? 'undefined';
    return inner === undefined ? "{ tag: 'none' }" : `{ tag: 'some', val: ${inner} }`;
  }
  if (type.kind === 'result') return `{ tag: '${index === 0 ? 'ok' : 'err'}', val: ${inner ?? 'undefined'} }`;
  const tag = label((type as Extract<ValueType, { kind: 'variant' }>).cases[index]!.name);
  return inner === undefined ? `{ tag: ${tag} }` : `{ tag: ${tag}, val: ${inner} }`;
}
