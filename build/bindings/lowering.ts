/** Writes code that hands AssemblyScript values to the host: in memory (`store`), or flat (`lower`). */
import type { ValueType } from '../../host/component/index.ts';
import { flatten, layoutOf, membersAt, variantLayout } from './abi.ts';
import { convertCore, type FunctionText, type Glue, loadTypes, type Slot, unsigned } from './glue.ts';
import { camelCase, pascalCase } from './names.ts';
import { isNullable, typedArrayOf } from './types.ts';

/** A statement: write `value` at `pointer + offset`, for the host to read. `value` may be evaluated twice. */
export function store(glue: Glue, type: ValueType, value: string, pointer: string, offset: number): string {
  const scalar = loadTypes[type.kind];
  if (scalar !== undefined) return `store<${scalar}>(${pointer}, ${value}, ${offset});`;
  switch (type.kind) {
    case 'bool':
      return `store<u8>(${pointer}, ${value} ? 1 : 0, ${offset});`;
    case 'enum':
      return `store<${unsigned[layoutOf(type).size as 1 | 2 | 4]}>(${pointer}, ${value}, ${offset});`;
    case 'string':
    case 'list':
      return (
        `store<usize>(${pointer}, ${lowerPointer(glue, type, value)}, ${offset});\n` +
        `  store<u32>(${pointer}, ${value}.length, ${offset + 4});`
      );
    case 'own':
    case 'borrow':
      return `store<i32>(${pointer}, ${handleOf(type, value)}, ${offset});`;
    default: {
      const place = offset === 0 ? pointer : `${pointer} + ${offset}`;
      return `${glue.make('store', type, () => storer(glue, type))}(${value}, ${place});`;
    }
  }
}

function storer(glue: Glue, type: ValueType): FunctionText {
  return {
    params: `value: ${glue.typeName(type)}, at: usize`,
    result: 'void',
    body: storerBody(glue, type),
  };
}

function storerBody(glue: Glue, type: ValueType): string {
  switch (type.kind) {
    case 'record':
    case 'tuple': {
      const types = type.kind === 'record' ? type.fields.map((field) => field.type) : type.elements;
      return membersAt(types)
        .map((member, i) => store(glue, member.type, memberOf(type, i), 'at', member.offset))
        .join('\n  ');
    }
    case 'flags':
      return `store<${unsigned[layoutOf(type).size as 1 | 2 | 4]}>(at, ${bitsFromFlags(type.names)});`;
    default: {
      const { discriminant, payloadOffset } = variantLayout(type);
      const tag = (i: number) => `store<${unsigned[discriminant]}>(at, ${i});`;
      return lowerCases(glue, type, 'value', tag, (payload, value) =>
        store(glue, payload, value, 'at', payloadOffset),
      );
    }
  }
}

/** Statements: set `slots` (variables that hold zero) to the flat values of `value`, an identifier or a member. */
export function lower(glue: Glue, type: ValueType, value: string, slots: readonly Slot[]): string {
  const own = flatten(type);
  const set = (i: number, expression: string) =>
    `${slots[i]!.name} = ${convertCore(expression, own[i]!, slots[i]!.core)};`;
  const scalar = loadTypes[type.kind];
  if (scalar !== undefined) return set(0, scalar === own[0] ? value : `<${own[0]}>${value}`);
  switch (type.kind) {
    case 'bool':
      return set(0, `<i32>${value}`);
    case 'enum':
      return set(0, `<i32>${value}`);
    case 'string':
    case 'list':
      return `${set(0, `<i32>${lowerPointer(glue, type, value)}`)}\n  ${set(1, `${value}.length`)}`;
    case 'own':
    case 'borrow':
      return set(0, handleOf(type, value));
    case 'flags': {
      const name = glue.fresh();
      return `const ${name} = ${value};\n  ${set(0, `<i32>(${bitsFromFlags(type.names, name)})`)}`;
    }
    case 'record':
    case 'tuple': {
      const types = type.kind === 'record' ? type.fields.map((field) => field.type) : type.elements;
      let next = 0;
      return types
        .map((of, i) => {
          const count = flatten(of).length;
          next += count;
          return lower(glue, of, memberOf(type, i, value), slots.slice(next - count, next));
        })
        .join('\n  ');
    }
    default:
      return lowerCases(
        glue,
        type,
        value,
        (i) => `${slots[0]!.name} = ${i};`,
        (payload, unwrapped) => lower(glue, payload, unwrapped, slots.slice(1)),
      );
  }
}

/** Statements: what to do for the case that `value` is, with its payload. */
function lowerCases(
  glue: Glue,
  type: ValueType,
  value: string,
  tag: (index: number) => string,
  payload: (type: ValueType, value: string) => string,
): string {
  const block = (i: number, of: ValueType | undefined, unwrapped: string) => {
    if (of === undefined) return tag(i);
    const name = glue.fresh();
    return `${tag(i)}\n    const ${name}: ${glue.typeName(of)} = ${unwrapped};\n    ${payload(of, name)}`;
  };
  const choice = (test: string, yes: string, no: string) =>
    `if (${test}) {\n    ${yes}\n  } else {\n    ${no}\n  }`;
  if (type.kind === 'option') {
    if (!isNullable(type)) {
      return choice(`${value}.isSome`, block(1, type.some, `${value}.unwrap()`), tag(0));
    }
    const unwrapped = `changetype<${glue.typeName(type.some)}>(${value})`;
    return choice(`changetype<usize>(${value}) != 0`, block(1, type.some, unwrapped), tag(0));
  }
  if (type.kind === 'result') {
    return choice(
      `${value}.isOk`,
      block(0, type.ok, `${value}.unwrap()`),
      block(1, type.err, `${value}.unwrapErr()`),
    );
  }
  if (type.kind !== 'variant') throw new TypeError(`a ${type.kind} is no variant`);
  const cases = type.cases.map(
    (one, i) =>
      `    case ${i}: {\n    ${block(i, one.type, `${value}.as${pascalCase(one.name)}()`)}\n    break;\n    }\n`,
  );
  return `switch (<i32>${value}.tag) {\n${cases.join('')}    default:\n      throw new Error('');\n  }`;
}

/** An expression: where the host finds the contents of a string or list. */
function lowerPointer(glue: Glue, type: ValueType, value: string): string {
  if (type.kind !== 'list') return `lowerString(${value})`;
  if (typedArrayOf(type.element) !== undefined) return `${value}.dataStart`;
  const lower = glue.make('area', type, () => {
    const { size } = layoutOf(type.element);
    return {
      params: `array: ${glue.typeName(type)}`,
      result: 'usize',
      body: `const pointer = area(<usize>array.length * ${size});
let at = pointer;
for (let i = 0, n = array.length; i < n; i++) {
  const element: ${glue.typeName(type.element)} = array[i];
  ${store(glue, type.element, 'element', 'at', 0)}
  at += ${size};
}
return pointer;`,
    };
  });
  return `${lower}(${value})`;
}

/** The `i`th member of the record or tuple `of`. */
function memberOf(type: ValueType & { kind: 'record' | 'tuple' }, i: number, of = 'value'): string {
  return type.kind === 'record' ? `${of}.${camelCase(type.fields[i]!.name)}` : `${of}._${i}`;
}

/** Passing a resource on as `own` gives it away; lending leaves it. */
function handleOf(type: ValueType, value: string): string {
  return type.kind === 'own' ? `${value}.giveAway()` : `${value}.handle`;
}

function bitsFromFlags(flags: readonly string[], value = 'value'): string {
  return flags.map((flag, i) => `(<u32>${value}.${camelCase(flag)} << ${i})`).join(' | ');
}
