/**
 * How values lie in linear memory and in core parameters: CanonicalABI.md, "Alignment", "Element
 * Size" and "Flattening". Pointers have 4 bytes; 8 are asked for only by validation. Results are kept per type object, so that types that
 * share parts cost no more than their distinct parts.
 */
import type { FunctionType, ValueType } from '../types.ts';

export type FlatType = 'i32' | 'i64' | 'f32' | 'f64';

export interface Layout {
  /** Bytes, a multiple of `align`. */
  readonly size: number;
  readonly align: 1 | 2 | 4 | 8;
  /** Core values that the type flattens to; `undefined` when there are more than `maxFlatKept`. */
  readonly flat: readonly FlatType[] | undefined;
}

export const maxFlatParams = 16;
export const maxFlatAsyncParams = 4;
export const maxFlatResults = 1;

/** Flattenings longer than this always go through memory, so nobody asks what they are. */
const maxFlatKept = 16;

const scalars: Partial<Record<ValueType['kind'], Layout>> = {
  bool: { size: 1, align: 1, flat: ['i32'] },
  s8: { size: 1, align: 1, flat: ['i32'] },
  u8: { size: 1, align: 1, flat: ['i32'] },
  s16: { size: 2, align: 2, flat: ['i32'] },
  u16: { size: 2, align: 2, flat: ['i32'] },
  s32: { size: 4, align: 4, flat: ['i32'] },
  u32: { size: 4, align: 4, flat: ['i32'] },
  s64: { size: 8, align: 8, flat: ['i64'] },
  u64: { size: 8, align: 8, flat: ['i64'] },
  f32: { size: 4, align: 4, flat: ['f32'] },
  f64: { size: 8, align: 8, flat: ['f64'] },
  char: { size: 4, align: 4, flat: ['i32'] },
  'error-context': { size: 4, align: 4, flat: ['i32'] },
  own: { size: 4, align: 4, flat: ['i32'] },
  borrow: { size: 4, align: 4, flat: ['i32'] },
  stream: { size: 4, align: 4, flat: ['i32'] },
  future: { size: 4, align: 4, flat: ['i32'] },
};

type PointerSize = 4 | 8;

const known = { 4: new WeakMap<object, Layout>(), 8: new WeakMap<object, Layout>() };

export function layoutOf(type: ValueType, pointer: PointerSize = 4): Layout {
  const scalar = type.kind === 'string' ? regions[pointer] : scalars[type.kind];
  if (scalar) return scalar;
  let layout = known[pointer].get(type);
  if (!layout) {
    layout = compute(type, pointer);
    known[pointer].set(type, layout);
  }
  return layout;
}

/** A pointer and a length. */
const regions: Record<PointerSize, Layout> = {
  4: { size: 8, align: 4, flat: ['i32', 'i32'] },
  8: { size: 16, align: 8, flat: ['i64', 'i64'] },
};

function compute(type: ValueType, pointer: PointerSize): Layout {
  switch (type.kind) {
    case 'record':
      return sequence(type.fields.map((field) => layoutOf(field.type, pointer)));
    case 'tuple':
      return sequence(type.elements.map((element) => layoutOf(element, pointer)));
    case 'list': {
      if (type.length === undefined) return regions[pointer];
      const element = layoutOf(type.element, pointer);
      const repeats = type.length;
      const fits = element.flat && element.flat.length * repeats <= maxFlatKept;
      const flat = fits ? Array.from({ length: repeats }, () => element.flat!).flat() : undefined;
      return { size: element.size * repeats, align: element.align, flat };
    }
    case 'flags': {
      const bits = type.names.length;
      const bytes = bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
      return { size: bytes, align: bytes, flat: ['i32'] };
    }
    default:
      return choice(casesOf(type)!.map((payload) => payload && layoutOf(payload, pointer)));
  }
}

function sequence(parts: readonly Layout[]): Layout {
  let size = 0;
  let align: Layout['align'] = 1;
  let flat: FlatType[] | undefined = [];
  for (const part of parts) {
    size = alignTo(size, part.align) + part.size;
    if (part.align > align) align = part.align;
    if (flat && part.flat && flat.length + part.flat.length <= maxFlatKept) flat.push(...part.flat);
    else flat = undefined;
  }
  return { size: alignTo(size, align), align, flat };
}

function choice(payloads: readonly (Layout | undefined)[]): Layout {
  const discriminant = discriminantSize(payloads.length);
  let payloadAlign: Layout['align'] = 1;
  let payloadSize = 0;
  let flat: FlatType[] | undefined = [];
  for (const payload of payloads) {
    if (!payload) continue;
    if (payload.align > payloadAlign) payloadAlign = payload.align;
    payloadSize = Math.max(payloadSize, payload.size);
    flat = flat && payload.flat && joinFlat(flat, payload.flat);
  }
  const align = Math.max(discriminant, payloadAlign) as Layout['align'];
  const size = alignTo(alignTo(discriminant, payloadAlign) + payloadSize, align);
  return { size, align, flat: flat && flat.length < maxFlatKept ? ['i32', ...flat] : undefined };
}

function joinFlat(a: readonly FlatType[], b: readonly FlatType[]): FlatType[] {
  const longer = a.length >= b.length ? a : b;
  return longer.map((type, i) => join(a[i] ?? type, b[i] ?? type));
}

function join(a: FlatType, b: FlatType): FlatType {
  if (a === b) return a;
  return (a === 'i32' && b === 'f32') || (a === 'f32' && b === 'i32') ? 'i32' : 'i64';
}

export function alignTo(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}

/** Bytes of a variant's discriminant. */
export function discriminantSize(cases: number): 1 | 2 | 4 {
  return cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
}

/** The payload types of a variant-like type (variant, enum, option, result), in case order. */
export function casesOf(type: ValueType): (ValueType | undefined)[] | undefined {
  switch (type.kind) {
    case 'variant':
      return type.cases.map((one) => one.type);
    case 'enum':
      return type.names.map(() => undefined);
    case 'option':
      return [undefined, type.some];
    case 'result':
      return [type.ok, type.err];
    default:
      return undefined;
  }
}

/** Where a variant's payload begins, bytes after its discriminant's place. */
export function payloadOffset(payloads: readonly (ValueType | undefined)[]): number {
  let align = 1;
  for (const payload of payloads) if (payload) align = Math.max(align, layoutOf(payload).align);
  return alignTo(discriminantSize(payloads.length), align);
}

/** Byte offsets of consecutive fields. */
export function fieldOffsets(types: readonly ValueType[]): number[] {
  let offset = 0;
  return types.map((type) => {
    const { size, align } = layoutOf(type);
    const start = alignTo(offset, align);
    offset = start + size;
    return start;
  });
}

/** How a function's parameters and result travel at one side of a call. */
export interface FlatSignature {
  /** Core parameters, the return pointer of `lower` included. */
  readonly params: readonly FlatType[];
  readonly results: readonly FlatType[];
  /** The parameters lie in memory and a pointer to them is passed. */
  readonly paramsInMemory: boolean;
  /** The result lies in memory. */
  readonly resultInMemory: boolean;
}

/** A tuple of all parameters, as they lie when they go through memory. */
export function paramTuple(type: FunctionType): ValueType {
  let tuple = paramTuples.get(type);
  if (!tuple) {
    tuple = { kind: 'tuple', elements: type.params.map((param) => param.type) };
    paramTuples.set(type, tuple);
  }
  return tuple;
}

const paramTuples = new WeakMap<FunctionType, ValueType>();

/** `flatten_functype` of CanonicalABI.md. `async` and `callback` are the canonical options, not the type's. */
export function flattenFunction(
  type: FunctionType,
  side: 'lift' | 'lower',
  options: { readonly async: boolean; readonly callback?: number | undefined },
): FlatSignature {
  const maxParams = options.async && side === 'lower' ? maxFlatAsyncParams : maxFlatParams;
  const flatParams = layoutOf(paramTuple(type)).flat;
  const paramsInMemory = flatParams === undefined || flatParams.length > maxParams;
  const params: FlatType[] = paramsInMemory ? ['i32'] : [...flatParams];
  const flatResult = type.result ? layoutOf(type.result).flat : [];
  if (!options.async) {
    const resultInMemory = flatResult === undefined || flatResult.length > maxFlatResults;
    if (!resultInMemory) return { params, results: flatResult, paramsInMemory, resultInMemory };
    if (side === 'lift') return { params, results: ['i32'], paramsInMemory, resultInMemory };
    return { params: [...params, 'i32'], results: [], paramsInMemory, resultInMemory };
  }
  if (side === 'lift') {
    const results: FlatType[] = options.callback === undefined ? [] : ['i32'];
    return { params, results, paramsInMemory, resultInMemory: false };
  }
  const resultInMemory = type.result !== undefined;
  if (resultInMemory) params.push('i32');
  return { params, results: ['i32'], paramsInMemory, resultInMemory };
}
