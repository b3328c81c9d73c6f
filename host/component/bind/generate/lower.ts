/** Source that lowers: a JavaScript value → core values or memory. Means what `../interpret-lower.ts` does. */
import {
  casesOf,
  discriminantSize,
  type FlatType,
  fieldOffsets,
  layoutOf,
  payloadOffset,
} from '../../abi/layout.ts';
import type { ValueType } from '../../types.ts';
import { integerRanges, isNullable, typedLists } from '../values.ts';
import { type Emitter, faceName, label, property, type SideNames } from './emitter.ts';

/**
 * Where lowering stands: the emitter, the side, and what to say when a value is of the wrong type:
 * an index into the parameters' names, or -1 for a result of the host.
 */
export interface Lowering {
  readonly e: Emitter;
  readonly side: SideNames;
  readonly param: number;
}

function wrong({ param }: Lowering, expected: string, value: string): string {
  return `wrongValue(${param < 0 ? 'undefined' : `names[${param}]`}, '${expected}', ${value})`;
}

/** The one core value of a scalar; `value` is a variable. Emits its check. */
function scalar(to: Lowering, type: ValueType, value: string): string {
  const { e, side } = to;
  switch (type.kind) {
    case 'bool':
      e.line(`if (typeof ${value} !== 'boolean') ${wrong(to, 'a boolean', value)};`);
      return `(${value} ? 1 : 0)`;
    case 'u8':
    case 's8':
    case 'u16':
    case 's16':
    case 'u32':
    case 's32': {
      const { min, max } = integerRanges[type.kind]!;
      const narrow = narrowings[type.kind]!(value);
      const expected = `a ${type.kind} (an integer from ${min} to ${max})`;
      e.line(`if (typeof ${value} !== 'number' || ${value} !== ${narrow}) ${wrong(to, expected, value)};`);
      return value;
    }
    case 'u64':
    case 's64': {
      const narrow = `BigInt.as${type.kind === 'u64' ? 'Uint' : 'Int'}N(64, ${value})`;
      const expected = `${type.kind === 'u64' ? 'a' : 'an'} ${type.kind} (a bigint)`;
      e.line(`if (typeof ${value} !== 'bigint' || ${narrow} !== ${value}) ${wrong(to, expected, value)};`);
      return value;
    }
    case 'f32':
    case 'f64':
      e.line(`if (typeof ${value} !== 'number') ${wrong(to, `an ${type.kind} (a number)`, value)};`);
      return value;
    case 'char':
      return e.bind(`charOf(${value})`);
    case 'flags':
      return flagBits(to, type.names, value);
    case 'own':
      return e.bind(`${faceName(side, type.resource)}.lowerOwn(${side.prefix}I, ${value})`);
    default: {
      const { resource } = type as Extract<ValueType, { kind: 'borrow' }>;
      return e.bind(`${faceName(side, resource)}.lowerBorrow(${side.prefix}I, ${value}, ${side.prefix}S)`);
    }
  }
}

const narrowings: Partial<Record<ValueType['kind'], (value: string) => string>> = {
  u8: (value) => `(${value} & 255)`,
  s8: (value) => `(${value} << 24 >> 24)`,
  u16: (value) => `(${value} & 65535)`,
  s16: (value) => `(${value} << 16 >> 16)`,
  u32: (value) => `(${value} >>> 0)`,
  s32: (value) => `(${value} | 0)`,
};

function flagBits(to: Lowering, names: readonly string[], value: string): string {
  const { e } = to;
  e.line(
    `if (typeof ${value} !== 'object' || ${value} === null) ${wrong(to, 'flags (an object of booleans)', value)};`,
  );
  const bits = e.fresh();
  e.line(`let ${bits} = 0;`);
  for (const [i, name] of names.entries()) {
    const flag = e.bind(`${value}.${property(name)}`);
    e.line(`if (${flag} === true) ${bits} |= ${1 << i};`);
    e.line(
      `else if (${flag} !== false && ${flag} !== undefined) ${wrong(to, `a boolean for the flag ${property(name)}`, flag)};`,
    );
  }
  return bits;
}

function object(to: Lowering, value: string, expected: string): void {
  to.e.line(`if (typeof ${value} !== 'object' || ${value} === null) ${wrong(to, expected, value)};`);
}

/** A string or list in memory: where it went. */
function region(to: Lowering, type: ValueType, value: string): { pointer: string; length: string } {
  const { e, side } = to;
  const { prefix } = side;
  if (type.kind === 'string') {
    e.line(`if (typeof ${value} !== 'string') ${wrong(to, 'a string', value)};`);
    e.line(`${prefix}L(${prefix}M, ${prefix}R, ${value}, G);`);
    return { pointer: e.bind('G.pointer'), length: e.bind('G.length') };
  }
  const { element, map } = type as Extract<ValueType, { kind: 'list' }>;
  if (map) {
    e.line(`if (!(${value} instanceof Map)) ${wrong(to, 'a Map', value)};`);
    return lowerItems(to, element, e.bind(`Array.from(${value})`));
  }
  checkItems(to, element, value);
  return lowerItems(to, element, value);
}

/** An array, already known to be one, into a block of its own. */
function lowerItems(to: Lowering, element: ValueType, value: string): { pointer: string; length: string } {
  const { e, side } = to;
  const { prefix } = side;
  const { size, align } = layoutOf(element);
  const length = e.bind(`${value}.length`);
  const { param } = to;
  e.line(
    `if (${length} * ${size} > ${prefix}M.transferBytes) tooLong(${prefix}M, names[${param}], ${value});`,
  );
  const pointer = e.bind(`${prefix}R(0, 0, ${align}, ${length} * ${size})`);
  storeElements(to, element, value, pointer, length);
  return { pointer, length };
}

function checkItems(to: Lowering, element: ValueType, value: string): void {
  const typed = typedLists[element.kind];
  const alternative = typed ? ` && !(${value} instanceof ${typed.array.name})` : '';
  const expected = typed ? `a list (${typed.array.name} or an array)` : 'a list (an array)';
  to.e.line(`if (!Array.isArray(${value})${alternative}) ${wrong(to, expected, value)};`);
}

function storeElements(to: Lowering, element: ValueType, value: string, start: string, length: string): void {
  const { e, side } = to;
  const { size } = layoutOf(element);
  const typed = typedLists[element.kind];
  if (typed) {
    e.line(
      `if (${value} instanceof ${typed.array.name}) ${side.prefix}M.${typed.view}.set(${value}, ${start} >>> ${typed.shift}); else`,
    );
  }
  const index = e.fresh();
  const at = e.fresh();
  e.line(`for (let ${index} = 0, ${at} = ${start}; ${index} < ${length}; ${index}++, ${at} += ${size}) {`);
  emitStore(to, element, e.bind(`${value}[${index}]`), at, 0);
  e.line('}');
}

/** Source that stores to memory; `value` and `base` are variables, `offset` a constant. */
export function emitStore(to: Lowering, type: ValueType, value: string, base: string, offset: number): void {
  const { e, side } = to;
  const memory = `${side.prefix}M`;
  const at = (shift: number, extra = 0) => `(${base} + ${offset + extra}) >>> ${shift}`;
  switch (type.kind) {
    case 'string':
    case 'list': {
      if (type.kind === 'list' && type.length !== undefined) {
        checkItems(to, type.element, value);
        e.line(
          `if (${value}.length !== ${type.length}) ${wrong(to, `a list of ${type.length} elements`, value)};`,
        );
        storeElements(to, type.element, value, e.bind(`${base} + ${offset}`), String(type.length));
        return;
      }
      const { pointer, length } = region(to, type, value);
      e.line(`${memory}.u32[${at(2)}] = ${pointer};`);
      e.line(`${memory}.u32[${at(2, 4)}] = ${length};`);
      return;
    }
    case 'record': {
      const offsets = fieldOffsets(type.fields.map((field) => field.type));
      object(to, value, `a record with the field ${property(type.fields[0]!.name)}`);
      for (const [i, field] of type.fields.entries()) {
        emitStore(to, field.type, e.bind(`${value}.${property(field.name)}`), base, offset + offsets[i]!);
      }
      return;
    }
    case 'tuple': {
      checkTuple(to, type.elements.length, value);
      const offsets = fieldOffsets(type.elements);
      for (const [i, element] of type.elements.entries()) {
        emitStore(to, element, e.bind(`${value}[${i}]`), base, offset + offsets[i]!);
      }
      return;
    }
    case 'enum':
    case 'flags':
    case 'bool': {
      const { size } = layoutOf(type);
      const stored = type.kind === 'enum' ? enumIndex(to, type.names, value) : scalar(to, type, value);
      e.line(`${unsignedPlace(memory, `${base} + ${offset}`, size)} = ${stored};`);
      return;
    }
    case 'variant':
    case 'option':
    case 'result': {
      const payloads = casesOf(type)!;
      const place = unsignedPlace(memory, `${base} + ${offset}`, discriminantSize(payloads.length));
      emitTags(to, type, value, (index, payload, inner) => {
        e.line(`${place} = ${index};`);
        if (payload) emitStore(to, payload, inner, base, offset + payloadOffset(payloads));
      });
      return;
    }
    case 'char':
    case 'own':
    case 'borrow': {
      const stored = scalar(to, type, value);
      e.line(`${memory}.u32[${at(2)}] = ${stored};`);
      return;
    }
    default: {
      const { view, shift } = typedLists[type.kind]!;
      const stored = scalar(to, type, value);
      e.line(`${memory}.${view}[${at(shift)}] = ${stored};`);
    }
  }
}

function unsignedPlace(memory: string, sum: string, size: number): string {
  if (size === 1) return `${memory}.u8[${sum}]`;
  return size === 2 ? `${memory}.u16[(${sum}) >>> 1]` : `${memory}.u32[(${sum}) >>> 2]`;
}

function checkTuple(to: Lowering, length: number, value: string): void {
  to.e.line(
    `if (!Array.isArray(${value}) || ${value}.length !== ${length}) ${wrong(to, `a tuple (an array of ${length})`, value)};`,
  );
}

function enumIndex(to: Lowering, names: readonly string[], value: string): string {
  const { e } = to;
  const table = e.constant(`new Map([${names.map((name, i) => `[${label(name)}, ${i}]`).join(', ')}])`);
  const index = e.bind(`${table}.get(${value})`);
  const known = names
    .slice(0, 8)
    .map((name) => label(name).slice(1, -1))
    .join(', ');
  e.line(`if (${index} === undefined) ${wrong(to, `one of the enum\\'s names (${known})`, value)};`);
  return index;
}

/** A switch over the tag of a variant, option or result; `use` writes one case. */
function emitTags(
  to: Lowering,
  type: ValueType,
  value: string,
  use: (index: number, payload: ValueType | undefined, inner: string) => void,
): void {
  const { e } = to;
  if (type.kind === 'option' && isNullable(type)) {
    e.line(`if (${value} === undefined || ${value} === null) {`);
    use(0, undefined, '');
    e.line('} else {');
    use(1, type.some, value);
    e.line('}');
    return;
  }
  const labels =
    type.kind === 'variant'
      ? type.cases.map((one) => one.name)
      : type.kind === 'option'
        ? ['none', 'some']
        : ['ok', 'err'];
  const payloads = casesOf(type)!;
  const known = labels
    .slice(0, 8)
    .map((name) => label(name).slice(1, -1))
    .join(', ');
  object(to, value, `{ tag, val } with a tag of ${known}`);
  const tag = e.bind(`${value}.tag`);
  e.line(`switch (${tag}) {`);
  for (const [i, name] of labels.entries()) {
    e.line(`case ${label(name)}: {`);
    use(i, payloads[i], payloads[i] ? e.bind(`${value}.val`) : '');
    e.line('break; }');
  }
  e.line(`default: ${wrong(to, `a tag of ${known}`, tag)};`);
  e.line('}');
}

/** Source that lowers to core values: expressions of the types that `want` asks for. */
export function emitLowerFlat(
  to: Lowering,
  type: ValueType,
  value: string,
  want: readonly FlatType[],
): string[] {
  const { e } = to;
  switch (type.kind) {
    case 'string':
    case 'list': {
      if (type.kind === 'list' && type.length !== undefined) {
        checkItems(to, type.element, value);
        e.line(
          `if (${value}.length !== ${type.length}) ${wrong(to, `a list of ${type.length} elements`, value)};`,
        );
        return inSequence(to, Array(type.length).fill(type.element), (i) => `${value}[${i}]`, want);
      }
      const { pointer, length } = region(to, type, value);
      return [coerce(pointer, 'i32', want[0]!), coerce(length, 'i32', want[1]!)];
    }
    case 'record':
      object(to, value, `a record with the field ${property(type.fields[0]!.name)}`);
      return inSequence(
        to,
        type.fields.map((field) => field.type),
        (i) => `${value}.${property(type.fields[i]!.name)}`,
        want,
      );
    case 'tuple':
      checkTuple(to, type.elements.length, value);
      return inSequence(to, type.elements, (i) => `${value}[${i}]`, want);
    case 'enum':
      return [coerce(enumIndex(to, type.names, value), 'i32', want[0]!)];
    case 'variant':
    case 'option':
    case 'result': {
      const places = layoutOf(type).flat!.map((_, i) => {
        const place = e.fresh();
        e.line(`let ${place} = ${want[i] === 'i64' ? '0n' : '0'};`);
        return place;
      });
      emitTags(to, type, value, (index, payload, inner) => {
        e.line(`${places[0]} = ${coerce(String(index), 'i32', want[0]!)};`);
        if (!payload) return;
        const lowered = emitLowerFlat(to, payload, inner, want.slice(1));
        for (const [i, expression] of lowered.entries()) e.line(`${places[i + 1]} = ${expression};`);
      });
      return places;
    }
    default:
      return [coerce(scalar(to, type, value), layoutOf(type).flat![0]!, want[0]!)];
  }
}

function inSequence(
  to: Lowering,
  types: readonly ValueType[],
  part: (index: number) => string,
  want: readonly FlatType[],
): string[] {
  const lowered: string[] = [];
  for (const [i, type] of types.entries()) {
    const value = to.e.bind(part(i));
    for (const expression of emitLowerFlat(to, type, value, want.slice(lowered.length))) {
      // Named, so that what is evaluated later cannot change it.
      lowered.push(/^\w+$/.test(expression) ? expression : to.e.bind(expression));
    }
  }
  return lowered;
}

function coerce(expression: string, have: FlatType, want: FlatType): string {
  if (have === want) return expression;
  if (have === 'f32') {
    const bits = `f32ToBits(${expression})`;
    return want === 'i64' ? `BigInt.asUintN(32, BigInt(${bits}))` : bits;
  }
  if (have === 'f64') return `f64ToBits(${expression})`;
  return `BigInt.asUintN(32, BigInt(${expression}))`;
}
