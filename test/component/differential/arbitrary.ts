/**
 * Random functions and arguments. Nesting goes to depth 4; up to 20 parameters, so that spilling happens.
 * Lists stay short and structures small: what is looked for hides in combinations, not in sizes.
 */
import fc, { type Arbitrary } from 'fast-check';
import {
  memberName as caseTag,
  type FunctionShape,
  isNullable,
  memberKey,
  type Scalar,
  type Shape,
  scalars,
} from './shape.ts';

const maxDepth = 4;
const maxParams = 20;

/** A handle as a drawn value: which resource object is meant, by the id that it will answer with. */
export interface HandleValue {
  readonly handle: 'host' | 'guest';
  readonly id: number;
}

/** A function and the arguments to call it with. */
export interface EchoCase {
  readonly function: FunctionShape;
  readonly args: readonly unknown[];
}

/**
 * Which types are drawn. `recent` adds maps and lists of a fixed length, which jco lowers wrongly inside of
 * other types, or ends in a panic over.
 */
export type Types = 'settled' | 'recent';

export function echoCase(types: Types): Arbitrary<EchoCase> {
  const count = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 4 }) },
    { weight: 2, arbitrary: fc.integer({ min: 5, max: maxParams }) },
  );
  return count
    .chain((length) => fc.array(paramShape(types), { minLength: length, maxLength: length }))
    .chain((params) => fc.tuple(...params.map(argument)).map((args) => ({ function: { params }, args })));
}

function paramShape(types: Types): Arbitrary<Shape> {
  return fc.oneof(
    {
      weight: 12,
      arbitrary: fc.integer({ min: 0, max: maxDepth }).chain((depth) => shapeOfDepth(depth, types)),
    },
    { weight: 1, arbitrary: fc.constantFrom<Shape>({ kind: 'borrow-host' }, { kind: 'borrow-guest' }) },
  );
}

const leaf: Arbitrary<Shape> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom<Scalar>(...scalars).map((kind) => ({ kind })) },
  { weight: 1, arbitrary: fc.constantFrom<Shape>({ kind: 'own-host' }, { kind: 'own-guest' }) },
  {
    weight: 1,
    arbitrary: fc
      .oneof(
        { weight: 40, arbitrary: fc.integer({ min: 1, max: 9 }) },
        { weight: 1, arbitrary: fc.constantFrom(255, 256, 257) },
      )
      .map((count): Shape => ({ kind: 'enum', count })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(1, 2, 3, 7, 8, 9, 16, 17, 32)
      .map((count): Shape => ({ kind: 'flags', count })),
  },
);

const mapKey: Arbitrary<Shape> = fc
  .constantFrom(...scalars.filter((kind) => !kind.startsWith('f')))
  .map((kind) => ({ kind }));

const shapesByDepth: Record<Types, Arbitrary<Shape>[]> = { settled: [leaf], recent: [leaf] };

function shapeOfDepth(depth: number, types: Types): Arbitrary<Shape> {
  const known = shapesByDepth[types];
  known[depth] ??= composite(depth, types);
  return known[depth];
}

/** One part of a composite is one level less deep, the others may be shallower still. */
function composite(depth: number, types: Types): Arbitrary<Shape> {
  const deep = shapeOfDepth(depth - 1, types);
  const part = depth > 1 ? fc.oneof(deep, leaf, leaf) : leaf;
  const parts = fc.array(part, { minLength: 1, maxLength: 3 });
  const maybe = fc.option(part, { nil: null, freq: 3 });
  const recent = [
    fc
      .tuple(deep, fc.integer({ min: 1, max: 4 }))
      .map(([element, length]): Shape => ({ kind: 'array', element, length })),
    fc.tuple(mapKey, part).map(([key, value]): Shape => ({ kind: 'map', key, value })),
  ];
  return fc.oneof(
    ...(types === 'recent' ? recent : []),
    deep.map((element): Shape => ({ kind: 'list', element })),
    deep.map((some): Shape => ({ kind: 'option', some })),
    parts.map((parts): Shape => ({ kind: 'tuple', parts })),
    parts.map((parts): Shape => ({ kind: 'record', parts })),
    fc.array(maybe, { minLength: 1, maxLength: 4 }).map((cases): Shape => ({ kind: 'variant', cases })),
    fc.tuple(maybe, maybe).map((cases): Shape => ({ kind: 'result', cases })),
  );
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'binary-ascii', minLength: 40, maxLength: 90 }),
  fc.string({ unit: fc.constantFrom('a', 'é', 'ÿ', '€', '😀', '\uFEFF', '\0'), maxLength: 80 }),
);

const scalarValues: Record<Scalar, Arbitrary<unknown>> = {
  bool: fc.boolean(),
  s8: fc.integer({ min: -0x80, max: 0x7f }),
  u8: fc.integer({ min: 0, max: 0xff }),
  s16: fc.integer({ min: -0x8000, max: 0x7fff }),
  u16: fc.integer({ min: 0, max: 0xffff }),
  s32: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  u32: fc.integer({ min: 0, max: 0xffffffff }),
  s64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  f32: fc.float(),
  f64: fc.double(),
  char: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  string: text,
};

const listTypes: Partial<Record<Shape['kind'], { from(items: never): unknown }>> = {
  s8: Int8Array,
  u8: Uint8Array,
  s16: Int16Array,
  u16: Uint16Array,
  s32: Int32Array,
  u32: Uint32Array,
  s64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
};

export function argument(shape: Shape): Arbitrary<unknown> {
  switch (shape.kind) {
    case 'list': {
      const items = fc.array(argument(shape.element), { maxLength: 5 });
      const array = listTypes[shape.element.kind];
      return array ? items.map((all) => array.from(all as never)) : items;
    }
    case 'array':
      return fc.array(argument(shape.element), { minLength: shape.length, maxLength: shape.length });
    case 'map':
      return fc
        .uniqueArray(fc.tuple(argument(shape.key), argument(shape.value)), {
          maxLength: 4,
          selector: ([key]) => key,
        })
        .map((entries) => new Map(entries));
    case 'option': {
      const some = argument(shape.some);
      if (isNullable(shape)) return fc.option(some, { nil: undefined, freq: 3 });
      return fc
        .option(some, { nil: null, freq: 3 })
        .map((val) => (val === null ? { tag: 'none' } : { tag: 'some', val }));
    }
    case 'tuple':
      return fc.tuple(...shape.parts.map(argument));
    case 'record':
      return fc
        .tuple(...shape.parts.map(argument))
        .map((values) => Object.fromEntries(values.map((value, i) => [memberKey(i), value])));
    case 'variant':
      return caseOf(shape.cases, caseTag);
    case 'result':
      return caseOf(shape.cases, (index) => (index === 0 ? 'ok' : 'err'));
    case 'enum':
      return fc.integer({ min: 0, max: shape.count - 1 }).map(caseTag);
    case 'flags':
      return fc
        .array(fc.boolean(), { minLength: shape.count, maxLength: shape.count })
        .map((bits) => Object.fromEntries(bits.map((bit, i) => [memberKey(i), bit])));
    case 'own-host':
    case 'borrow-host':
      return fc.integer({ min: 1, max: 0xffff }).map((id): HandleValue => ({ handle: 'host', id }));
    case 'own-guest':
    case 'borrow-guest':
      return fc.integer({ min: 1, max: 0xffff }).map((id): HandleValue => ({ handle: 'guest', id }));
    default:
      return scalarValues[shape.kind];
  }
}

function caseOf(cases: readonly (Shape | null)[], tag: (index: number) => string): Arbitrary<unknown> {
  return fc.oneof(
    ...cases.map((one, index) =>
      one ? argument(one).map((val) => ({ tag: tag(index), val })) : fc.constant({ tag: tag(index) }),
    ),
  );
}
