/** Writes code that makes AssemblyScript values: of what the host wrote to memory (`load`), or passed flat (`lift`). */
import type { ValueType } from '../../host/component/index.ts';
import { type CoreType, flatten, layoutOf, membersAt, variantLayout } from './abi.ts';
import { convertCore, type FunctionText, type Glue, loadTypes, type Slot, unsigned } from './glue.ts';
import { camelCase } from './names.ts';
import { isNullable, typedArrayOf } from './types.ts';

/** An expression: the value that the host wrote at `pointer + offset`. */
export function load(glue: Glue, type: ValueType, pointer: string, offset: number): string {
  const scalar = loadTypes[type.kind];
  if (scalar !== undefined) return `load<${scalar}>(${pointer}, ${offset})`;
  switch (type.kind) {
    case 'bool':
      return `load<u8>(${pointer}, ${offset}) != 0`;
    case 'enum':
      return `<${glue.typeName(type)}>load<${unsigned[layoutOf(type).size as 1 | 2 | 4]}>(${pointer}, ${offset})`;
    case 'string':
    case 'list':
      return liftPair(
        glue,
        type,
        `load<usize>(${pointer}, ${offset})`,
        `load<usize>(${pointer}, ${offset + 4})`,
      );
    case 'own':
    case 'borrow':
      return `${glue.typeName(type)}.fromHandle(load<i32>(${pointer}, ${offset}))`;
    default: {
      const place = offset === 0 ? pointer : `${pointer} + ${offset}`;
      return `${glue.make('load', type, () => loader(glue, type))}(${place})`;
    }
  }
}

function loader(glue: Glue, type: ValueType): FunctionText {
  return { params: 'at: usize', result: glue.typeName(type), body: loaderBody(glue, type) };
}

function loaderBody(glue: Glue, type: ValueType): string {
  const name = glue.typeName(type);
  switch (type.kind) {
    case 'record':
    case 'tuple': {
      const types = type.kind === 'record' ? type.fields.map((field) => field.type) : type.elements;
      return `return new ${name}(${membersAt(types)
        .map((member) => load(glue, member.type, 'at', member.offset))
        .join(', ')});`;
    }
    case 'flags':
      return flagsFromBits(name, type.names, `<u32>load<${unsigned[layoutOf(type).size as 1 | 2 | 4]}>(at)`);
    default: {
      const { discriminant, payloadOffset } = variantLayout(type);
      return liftCases(glue, type, `<u32>load<${unsigned[discriminant]}>(at)`, (payload) =>
        load(glue, payload, 'at', payloadOffset),
      );
    }
  }
}

/** An expression: the value that was passed flat in `slots`, whose core types may be joined ones. */
export function lift(glue: Glue, type: ValueType, slots: readonly Slot[]): string {
  const own = flatten(type);
  const flat = own.map((core, i) => convertCore(slots[i]!.name, slots[i]!.core, core));
  const scalar = loadTypes[type.kind];
  if (scalar !== undefined) return scalar === own[0] ? flat[0]! : `<${scalar}>${flat[0]}`;
  switch (type.kind) {
    case 'bool':
      return `(${flat[0]}) != 0`;
    case 'enum':
      return `<${glue.typeName(type)}>${flat[0]}`;
    case 'string':
    case 'list':
      return liftPair(glue, type, `<usize>${flat[0]}`, `<usize>${flat[1]}`);
    case 'own':
    case 'borrow':
      return `${glue.typeName(type)}.fromHandle(${flat[0]})`;
    default:
      return `${glue.make('lift', type, () => lifter(glue, type, own))}(${flat.join(', ')})`;
  }
}

function lifter(glue: Glue, type: ValueType, flat: readonly CoreType[]): FunctionText {
  const slots = flat.map((core, i) => ({ name: `a${i}`, core }));
  const result = glue.typeName(type);
  const params = slots.map((slot) => `${slot.name}: ${slot.core}`).join(', ');
  let body: string;
  if (type.kind === 'flags') {
    body = flagsFromBits(result, type.names, '<u32>a0');
  } else if (type.kind === 'record' || type.kind === 'tuple') {
    const types = type.kind === 'record' ? type.fields.map((field) => field.type) : type.elements;
    let next = 0;
    const members = types.map((of) => {
      const count = flatten(of).length;
      next += count;
      return lift(glue, of, slots.slice(next - count, next));
    });
    body = `return new ${result}(${members.join(', ')});`;
  } else {
    body = liftCases(glue, type, '<u32>a0', (payload) => lift(glue, payload, slots.slice(1)));
  }
  return { params, result, body };
}

/** Statements that return the variant, option or result whose case number is `tag`. */
function liftCases(glue: Glue, type: ValueType, tag: string, payload: (type: ValueType) => string): string {
  const name = glue.typeName(type);
  if (type.kind === 'option') {
    const some = payload(type.some);
    if (isNullable(type)) return `if (${tag}) return ${some};\n  return null;`;
    const of = glue.typeName(type.some);
    return `if (${tag}) return Option.some<${of}>(${some});\n  return Option.none<${of}>();`;
  }
  if (type.kind === 'result') {
    const generics = `<${glue.typeName(type.ok)}, ${glue.typeName(type.err)}>`;
    const side = (of: ValueType | undefined) => (of === undefined ? 'Unit.value' : payload(of));
    return (
      `if (${tag}) return Result.err${generics}(${side(type.err)});\n` +
      `  return Result.ok${generics}(${side(type.ok)});`
    );
  }
  if (type.kind !== 'variant') throw new TypeError(`a ${type.kind} is no variant`);
  const cases = type.cases.map(
    (one, i) =>
      `    case ${i}:\n      return ${name}.${camelCase(one.name)}(${one.type === undefined ? '' : payload(one.type)});\n`,
  );
  return `switch (${tag}) {\n${cases.join('')}    default:\n      throw new Error('');\n  }`;
}

/** An expression: the string or list at `pointer` of `length` elements. */
function liftPair(glue: Glue, type: ValueType, pointer: string, length: string): string {
  if (type.kind !== 'list') return `liftString(${pointer}, ${length})`;
  const array = typedArrayOf(type.element);
  if (array !== undefined) {
    const shift = Math.log2(layoutOf(type.element).size);
    return `${array}.wrap(liftBuffer(${pointer}, ${shift === 0 ? length : `${length} << ${shift}`}))`;
  }
  const lift = glue.make('list', type, () => {
    const { size } = layoutOf(type.element);
    const name = glue.typeName(type);
    return {
      params: 'pointer: usize, length: usize',
      result: name,
      body: `const array = new ${name}(<i32>length);
let at = pointer;
for (let i = 0; i < <i32>length; i++) {
  array[i] = ${load(glue, type.element, 'at', 0)};
  at += ${size};
}
discard(pointer, length * ${size});
return array;`,
    };
  });
  return `${lift}(${pointer}, ${length})`;
}

function flagsFromBits(name: string, flags: readonly string[], bits: string): string {
  const members = flags.map((_, i) => `(bits & ${bit(i)}) != 0`);
  return `const bits = ${bits};\n  return new ${name}(${members.join(', ')});`;
}

function bit(i: number): string {
  return `0x${(2 ** i).toString(16)}`;
}
