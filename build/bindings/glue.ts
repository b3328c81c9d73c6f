/**
 * Generates `glue.ts`: the functions that carry values between AssemblyScript objects and linear memory
 * (`load`, `store`) or flat core values (`lift`, `lower`), made on demand, one per type. Everything
 * that is the same in every guest (allocation, strings) is in `library/canonical.ts` instead.
 */
import type { ResourceType, ValueType } from '../../host/component/index.ts';
import { type CoreType, flatten, layoutOf, membersAt, payloadsOf, variantLayout } from './abi.ts';
import type { InterfaceModule, Model } from './model.ts';
import { camelCase, pascalCase } from './names.ts';
import { asType, isNullable, typedArrayOf } from './types.ts';

/** A core value in generated code, and its type. */
export interface Slot {
  readonly name: string;
  readonly core: CoreType;
}

const loadTypes: Readonly<Partial<Record<ValueType['kind'], string>>> = {
  s8: 'i8',
  u8: 'u8',
  s16: 'i16',
  u16: 'u16',
  s32: 'i32',
  u32: 'u32',
  char: 'u32',
  s64: 'i64',
  u64: 'u64',
  f32: 'f32',
  f64: 'f64',
};

const unsigned = { 1: 'u8', 2: 'u16', 4: 'u32' } as const;

export class Glue {
  /** Modules that the code so far mentions. */
  readonly mentioned = new Set<InterfaceModule>();
  /** Bytes that the largest result so far needs in memory. */
  returnSize = 0;
  private readonly functions = new Map<string, { name: string; text: string }>();
  private readonly model: Model;

  constructor(model: Model) {
    this.model = model;
  }

  /** The AssemblyScript type of `type`, from inside glue. */
  typeName = (type: ValueType | undefined): string => asType(type, this.reference);

  private readonly reference = (type: ValueType | ResourceType): string => {
    const { module, name } = this.model.placeOf(type);
    return `${this.moduleName(module)}.${name}`;
  };

  /** What glue calls `module`. */
  moduleName(module: InterfaceModule): string {
    this.mentioned.add(module);
    return `m${this.model.modules.indexOf(module)}`;
  }

  /** Every function made so far. */
  text(): string {
    return [...this.functions.values()].map(({ text }) => text).join('\n');
  }

  /** Does `type` hold anything for which lowering may take memory that must be given back? */
  takesMemory(type: ValueType | undefined): boolean {
    switch (type?.kind) {
      case 'string':
        return true; // a mended copy
      case 'list':
        return typedArrayOf(type.element) === undefined;
      case 'record':
        return type.fields.some((field) => this.takesMemory(field.type));
      case 'tuple':
        return type.elements.some((element) => this.takesMemory(element));
      case 'variant':
      case 'option':
      case 'result':
        return payloadsOf(type).some((payload) => this.takesMemory(payload));
      default:
        return false;
    }
  }

  /** An expression: the value that the host wrote at `pointer + offset`. */
  load(type: ValueType, pointer: string, offset: number): string {
    const scalar = loadTypes[type.kind];
    if (scalar !== undefined) return `load<${scalar}>(${pointer}, ${offset})`;
    switch (type.kind) {
      case 'bool':
        return `load<u8>(${pointer}, ${offset}) != 0`;
      case 'enum':
        return `<${this.typeName(type)}>load<${unsigned[layoutOf(type).size as 1 | 2 | 4]}>(${pointer}, ${offset})`;
      case 'string':
      case 'list':
        return this.liftPair(
          type,
          `load<usize>(${pointer}, ${offset})`,
          `load<usize>(${pointer}, ${offset + 4})`,
        );
      case 'own':
      case 'borrow':
        return `${this.typeName(type)}.fromHandle(load<i32>(${pointer}, ${offset}))`;
      default: {
        const place = offset === 0 ? pointer : `${pointer} + ${offset}`;
        return `${this.make('load', type, () => this.loader(type))}(${place})`;
      }
    }
  }

  private loader(type: ValueType): { params: string; result: string; body: string } {
    return { params: 'at: usize', result: this.typeName(type), body: this.loaderBody(type) };
  }

  private loaderBody(type: ValueType): string {
    const name = this.typeName(type);
    switch (type.kind) {
      case 'record':
      case 'tuple': {
        const types = type.kind === 'record' ? type.fields.map((field) => field.type) : type.elements;
        return `return new ${name}(${membersAt(types)
          .map((member) => this.load(member.type, 'at', member.offset))
          .join(', ')});`;
      }
      case 'flags':
        return flagsFromBits(
          name,
          type.names,
          `<u32>load<${unsigned[layoutOf(type).size as 1 | 2 | 4]}>(at)`,
        );
      default: {
        const { discriminant, payloadOffset } = variantLayout(type);
        return this.liftCases(type, `<u32>load<${unsigned[discriminant]}>(at)`, (payload) =>
          this.load(payload, 'at', payloadOffset),
        );
      }
    }
  }

  /** Statements that return the variant, option or result whose case number is `tag`. */
  private liftCases(type: ValueType, tag: string, payload: (type: ValueType) => string): string {
    const name = this.typeName(type);
    if (type.kind === 'option') {
      const some = payload(type.some);
      if (isNullable(type)) return `if (${tag}) return ${some};\n  return null;`;
      const of = this.typeName(type.some);
      return `if (${tag}) return Option.some<${of}>(${some});\n  return Option.none<${of}>();`;
    }
    if (type.kind === 'result') {
      const generics = `<${this.typeName(type.ok)}, ${this.typeName(type.err)}>`;
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
  private liftPair(type: ValueType, pointer: string, length: string): string {
    if (type.kind !== 'list') return `liftString(${pointer}, ${length})`;
    const array = typedArrayOf(type.element);
    if (array !== undefined) {
      const shift = Math.log2(layoutOf(type.element).size);
      return `${array}.wrap(liftBuffer(${pointer}, ${shift === 0 ? length : `${length} << ${shift}`}))`;
    }
    const lift = this.make('list', type, () => {
      const { size } = layoutOf(type.element);
      const name = this.typeName(type);
      return {
        params: 'pointer: usize, length: usize',
        result: name,
        body: `const array = new ${name}(<i32>length);
  let at = pointer;
  for (let i = 0; i < <i32>length; i++) {
    array[i] = ${this.load(type.element, 'at', 0)};
    at += ${size};
  }
  discard(pointer, length * ${size});
  return array;`,
      };
    });
    return `${lift}(${pointer}, ${length})`;
  }

  /** A statement: write `value` at `pointer + offset`, for the host to read. `value` may be evaluated twice. */
  store(type: ValueType, value: string, pointer: string, offset: number): string {
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
          `store<usize>(${pointer}, ${this.lowerPointer(type, value)}, ${offset});\n` +
          `  store<u32>(${pointer}, ${value}.length, ${offset + 4});`
        );
      case 'own':
      case 'borrow':
        return `store<i32>(${pointer}, ${handleOf(type, value)}, ${offset});`;
      default: {
        const place = offset === 0 ? pointer : `${pointer} + ${offset}`;
        return `${this.make('store', type, () => this.storer(type))}(${value}, ${place});`;
      }
    }
  }

  private storer(type: ValueType): { params: string; result: string; body: string } {
    return {
      params: `value: ${this.typeName(type)}, at: usize`,
      result: 'void',
      body: this.storerBody(type),
    };
  }

  private storerBody(type: ValueType): string {
    switch (type.kind) {
      case 'record':
      case 'tuple': {
        const types = type.kind === 'record' ? type.fields.map((field) => field.type) : type.elements;
        return membersAt(types)
          .map((member, i) => this.store(member.type, memberOf(type, i), 'at', member.offset))
          .join('\n  ');
      }
      case 'flags':
        return `store<${unsigned[layoutOf(type).size as 1 | 2 | 4]}>(at, ${bitsFromFlags(type.names)});`;
      default: {
        const { discriminant, payloadOffset } = variantLayout(type);
        const tag = (i: number) => `store<${unsigned[discriminant]}>(at, ${i});`;
        return this.lowerCases(type, 'value', tag, (payload, value) =>
          this.store(payload, value, 'at', payloadOffset),
        );
      }
    }
  }

  /** Statements: what to do for the case that `value` is, with its payload. */
  private lowerCases(
    type: ValueType,
    value: string,
    tag: (index: number) => string,
    payload: (type: ValueType, value: string) => string,
  ): string {
    const block = (i: number, of: ValueType | undefined, unwrapped: string) => {
      if (of === undefined) return tag(i);
      const name = this.fresh();
      return `${tag(i)}\n    const ${name}: ${this.typeName(of)} = ${unwrapped};\n    ${payload(of, name)}`;
    };
    const choice = (test: string, yes: string, no: string) =>
      `if (${test}) {\n    ${yes}\n  } else {\n    ${no}\n  }`;
    if (type.kind === 'option') {
      if (!isNullable(type)) {
        return choice(`${value}.isSome`, block(1, type.some, `${value}.unwrap()`), tag(0));
      }
      const unwrapped = `changetype<${this.typeName(type.some)}>(${value})`;
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
  private lowerPointer(type: ValueType, value: string): string {
    if (type.kind !== 'list') return `lowerString(${value})`;
    if (typedArrayOf(type.element) !== undefined) return `${value}.dataStart`;
    const lower = this.make('area', type, () => {
      const { size } = layoutOf(type.element);
      return {
        params: `array: ${this.typeName(type)}`,
        result: 'usize',
        body: `const pointer = area(<usize>array.length * ${size});
  let at = pointer;
  for (let i = 0, n = array.length; i < n; i++) {
    const element: ${this.typeName(type.element)} = array[i];
    ${this.store(type.element, 'element', 'at', 0)}
    at += ${size};
  }
  return pointer;`,
      };
    });
    return `${lower}(${value})`;
  }

  /** An expression: the value that was passed flat in `slots`, whose core types may be joined ones. */
  lift(type: ValueType, slots: readonly Slot[]): string {
    const own = flatten(type);
    const flat = own.map((core, i) => convertCore(slots[i]!.name, slots[i]!.core, core));
    const scalar = loadTypes[type.kind];
    if (scalar !== undefined) return scalar === own[0] ? flat[0]! : `<${scalar}>${flat[0]}`;
    switch (type.kind) {
      case 'bool':
        return `(${flat[0]}) != 0`;
      case 'enum':
        return `<${this.typeName(type)}>${flat[0]}`;
      case 'string':
      case 'list':
        return this.liftPair(type, `<usize>${flat[0]}`, `<usize>${flat[1]}`);
      case 'own':
      case 'borrow':
        return `${this.typeName(type)}.fromHandle(${flat[0]})`;
      default:
        return `${this.make('lift', type, () => this.lifter(type, own))}(${flat.join(', ')})`;
    }
  }

  private lifter(
    type: ValueType,
    flat: readonly CoreType[],
  ): { params: string; result: string; body: string } {
    const slots = flat.map((core, i) => ({ name: `a${i}`, core }));
    const result = this.typeName(type);
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
        return this.lift(of, slots.slice(next - count, next));
      });
      body = `return new ${result}(${members.join(', ')});`;
    } else {
      body = this.liftCases(type, '<u32>a0', (payload) => this.lift(payload, slots.slice(1)));
    }
    return { params, result, body };
  }

  /** Statements: set `slots` (variables that hold zero) to the flat values of `value`, an identifier or a member. */
  lower(type: ValueType, value: string, slots: readonly Slot[]): string {
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
        return `${set(0, `<i32>${this.lowerPointer(type, value)}`)}\n  ${set(1, `${value}.length`)}`;
      case 'own':
      case 'borrow':
        return set(0, handleOf(type, value));
      case 'flags': {
        const name = this.fresh();
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
            return this.lower(of, memberOf(type, i, value), slots.slice(next - count, next));
          })
          .join('\n  ');
      }
      default:
        return this.lowerCases(
          type,
          value,
          (i) => `${slots[0]!.name} = ${i};`,
          (payload, unwrapped) => this.lower(payload, unwrapped, slots.slice(1)),
        );
    }
  }

  /** A result of `type` goes through memory: note how much that needs. */
  needsReturnArea(type: ValueType): void {
    this.returnSize = Math.max(this.returnSize, layoutOf(type).size);
  }

  private freshCount = 0;

  private fresh(): string {
    return `v${this.freshCount++}`;
  }

  /** The function that does `what` for `type`, made at its first use. */
  private make(
    what: string,
    type: ValueType,
    build: () => { params: string; result: string; body: string },
  ): string {
    // An owned and a lent resource are one AssemblyScript type, but cross the border in different ways.
    const key = `${what} ${asType(type, (of, lent) => `${this.reference(of)}${lent === true ? '&' : ''}`)}`;
    const known = this.functions.get(key);
    if (known !== undefined) return known.name;
    const entry = { name: `${what}${this.functions.size}`, text: '' };
    this.functions.set(key, entry); // before its body, whose parts get their names after it
    const { params, result, body } = build();
    entry.text = `/** ${key} */\nexport function ${entry.name}(${params}): ${result} {\n  ${body}\n}\n`;
    return entry.name;
  }
}

/** The `i`th member of the record or tuple `of`. */
function memberOf(type: ValueType & { kind: 'record' | 'tuple' }, i: number, of = 'value'): string {
  return type.kind === 'record' ? `${of}.${camelCase(type.fields[i]!.name)}` : `${of}._${i}`;
}

/** Passing a resource on as `own` gives it away; lending leaves it. */
function handleOf(type: ValueType, value: string): string {
  return type.kind === 'own' ? `${value}.giveAway()` : `${value}.handle`;
}

function flagsFromBits(name: string, flags: readonly string[], bits: string): string {
  const members = flags.map((_, i) => `(bits & ${bit(i)}) != 0`);
  return `const bits = ${bits};\n  return new ${name}(${members.join(', ')});`;
}

function bitsFromFlags(flags: readonly string[], value = 'value'): string {
  return flags.map((flag, i) => `(<u32>${value}.${camelCase(flag)} << ${i})`).join(' | ');
}

function bit(i: number): string {
  return `0x${(2 ** i).toString(16)}`;
}

/** `expression`, a core value of type `from`, where a `to` is wanted: flat variants join their cases' types. */
function convertCore(expression: string, from: CoreType, to: CoreType): string {
  if (from === to) return expression;
  if (from === 'i32' && to === 'i64') return `<i64><u32>(${expression})`;
  if (from === 'i64' && to === 'i32') return `<i32>(${expression})`;
  if (from === 'f32' && to === 'i32') return `reinterpret<i32>(${expression})`;
  if (from === 'i32' && to === 'f32') return `reinterpret<f32>(${expression})`;
  if (from === 'f64' && to === 'i64') return `reinterpret<i64>(${expression})`;
  if (from === 'i64' && to === 'f64') return `reinterpret<f64>(${expression})`;
  if (from === 'f32' && to === 'i64') return `<i64>reinterpret<u32>(${expression})`;
  if (from === 'i64' && to === 'f32') return `reinterpret<f32>(<i32>(${expression}))`;
  throw new TypeError(`no join of ${from} and ${to}`);
}
