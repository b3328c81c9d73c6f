/** Values of any component type: random ones for arguments, and the plainest one for what a host returns. */
import fc, { type Arbitrary } from 'fast-check';
import { camelCase } from '../../../host/component/names.ts';
import type { FunctionType, ResourceType, ValueType } from '../../../host/component/types.ts';

/** A handle in a drawn value, before there is an object for it. */
export class HandleOf {
  readonly resource: ResourceType;

  constructor(resource: ResourceType) {
    this.resource = resource;
  }
}

/** What a value cannot be made of. */
export class NoValue extends Error {
  override readonly name = 'NoValue';
}

const typedArrays: Partial<Record<ValueType['kind'], { from(items: never): unknown }>> = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};

function integer(bits: number, signed: boolean): Arbitrary<number> {
  return signed
    ? fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
    : fc.integer({ min: 0, max: 2 ** bits - 1 });
}

const scalars: Partial<Record<ValueType['kind'], Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  u8: integer(8, false),
  s8: integer(8, true),
  u16: integer(16, false),
  s16: integer(16, true),
  u32: integer(32, false),
  s32: integer(32, true),
  u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  s64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  f32: fc.float(),
  f64: fc.double(),
  char: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  string: fc.string({ unit: 'grapheme', maxLength: 20 }),
};

/** Is its absent value `undefined`? */
function isNullable(type: ValueType): boolean {
  return type.kind === 'option' && !isNullable(type.some);
}

/** The cases of a variant or result, tags as JavaScript has them. */
function casesOf(type: ValueType): readonly { tag: string; type: ValueType | undefined }[] {
  if (type.kind === 'variant') return type.cases.map((one) => ({ tag: one.name, type: one.type }));
  if (type.kind !== 'result') return [];
  return [
    { tag: 'ok', type: type.ok },
    { tag: 'err', type: type.err },
  ];
}

/** @throws NoValue for types that have no values here */
export function anyValue(type: ValueType): Arbitrary<unknown> {
  const scalar = scalars[type.kind];
  if (scalar) return scalar;
  switch (type.kind) {
    case 'list': {
      const items = fc.array(anyValue(type.element), { maxLength: 8 });
      const array = typedArrays[type.element.kind];
      return array ? items.map((all) => array.from(all as never)) : items;
    }
    case 'tuple':
      return fc.tuple(...type.elements.map(anyValue));
    case 'record': {
      const fields = type.fields.map((field) => [camelCase(field.name), anyValue(field.type)] as const);
      return fc.record(Object.fromEntries(fields), { noNullPrototype: true });
    }
    case 'option': {
      if (isNullable(type)) return fc.option(anyValue(type.some), { nil: undefined });
      return fc
        .option(anyValue(type.some))
        .map((val) => (val === null ? { tag: 'none' } : { tag: 'some', val }));
    }
    case 'variant':
    case 'result':
      return fc.oneof(
        ...casesOf(type).map(({ tag, type: payload }) =>
          payload ? anyValue(payload).map((val) => ({ tag, val })) : fc.constant({ tag }),
        ),
      );
    case 'enum':
      return fc.constantFrom(...type.names);
    case 'flags':
      return fc.record(Object.fromEntries(type.names.map((name) => [camelCase(name), fc.boolean()])), {
        noNullPrototype: true,
      });
    case 'own':
    case 'borrow':
      return fc.constant(new HandleOf(type.resource));
    default:
      throw new NoValue(`values of ${type.kind}`);
  }
}

export function anyArguments(type: FunctionType): Arbitrary<unknown[]> {
  return fc.tuple(...type.params.map((param) => anyValue(param.type)));
}

/** The plainest value of a type. `make` gives an object for an owned handle. */
export function plainValue(type: ValueType, make: (resource: ResourceType) => unknown): unknown {
  const inner = (part: ValueType) => plainValue(part, make);
  switch (type.kind) {
    case 'bool':
      return false;
    case 'u64':
    case 's64':
      return 0n;
    case 'char':
      return 'x';
    case 'string':
      return '';
    case 'list':
      return typedArrays[type.element.kind]?.from([] as never) ?? [];
    case 'tuple':
      return type.elements.map(inner);
    case 'record':
      return Object.fromEntries(type.fields.map((field) => [camelCase(field.name), inner(field.type)]));
    case 'option':
      return isNullable(type) ? undefined : { tag: 'none' };
    case 'variant':
    case 'result': {
      const [first] = casesOf(type);
      return first!.type ? { tag: first!.tag, val: inner(first!.type) } : { tag: first!.tag };
    }
    case 'enum':
      return type.names[0];
    case 'flags':
      return Object.fromEntries(type.names.map((name) => [camelCase(name), false]));
    case 'own':
    case 'borrow':
      return make(type.resource);
    default:
      return 0;
  }
}

/** A drawn value with its handles replaced by what `make` gives for them. */
export function withHandles(value: unknown, make: (resource: ResourceType) => unknown): unknown {
  if (value instanceof HandleOf) return make(value.resource);
  if (Array.isArray(value)) return value.map((item) => withHandles(item, make));
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withHandles(item, make)]));
}
