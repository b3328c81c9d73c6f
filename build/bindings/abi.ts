/**
 * The canonical ABI's arithmetic: how many bytes a value takes in memory, and which core values it
 * becomes when it is passed flat. Source: component-model, design/mvp/CanonicalABI.md, "Alignment",
 * "Element Size" and "Flattening". What code follows from it is the other files' matter.
 */
import { casesOf } from '../../host/component/abi/layout.ts';
import type { FunctionType, ValueType } from '../../host/component/index.ts';

export type CoreType = 'i32' | 'i64' | 'f32' | 'f64';

/** More flat parameters than these go through memory, behind one pointer. */
export const FLAT_PARAMS_MAX = 16;
/** More flat results than these go through memory, behind one pointer. */
export const FLAT_RESULTS_MAX = 1;

export interface Layout {
  /** Bytes, a multiple of `align`. */
  readonly size: number;
  readonly align: number;
}

/** A member of a record or tuple, with its place. */
export interface Member {
  readonly type: ValueType;
  readonly offset: number;
}

const scalarSizes: Readonly<Partial<Record<ValueType['kind'], number>>> = {
  bool: 1,
  s8: 1,
  u8: 1,
  s16: 2,
  u16: 2,
  s32: 4,
  u32: 4,
  s64: 8,
  u64: 8,
  f32: 4,
  f64: 8,
  char: 4,
  own: 4,
  borrow: 4,
};

export function layoutOf(type: ValueType): Layout {
  const scalar = scalarSizes[type.kind];
  if (scalar !== undefined) return { size: scalar, align: scalar };
  switch (type.kind) {
    case 'string':
    case 'list':
      return { size: 8, align: 4 };
    case 'flags': {
      const size = discriminantSize(2 ** type.names.length);
      return { size, align: size };
    }
    case 'record':
      return sequenceLayout(type.fields.map((field) => field.type));
    case 'tuple':
      return sequenceLayout(type.elements);
    default: {
      const { payloadOffset, payloads } = variantLayout(type);
      const align = Math.max(
        discriminantSize(payloads.length),
        ...payloads.map((payload) => (payload === undefined ? 1 : layoutOf(payload).align)),
      );
      const size = Math.max(
        ...payloads.map((payload) => (payload === undefined ? 0 : layoutOf(payload).size)),
      );
      return { size: alignUp(payloadOffset + size, align), align };
    }
  }
}

function sequenceLayout(types: readonly ValueType[]): Layout {
  const members = membersAt(types);
  const last = members.at(-1);
  const align = Math.max(1, ...types.map((type) => layoutOf(type).align));
  return { size: last === undefined ? 0 : alignUp(last.offset + layoutOf(last.type).size, align), align };
}

/** Where each of `types` lies when they follow each other, as in a record. */
export function membersAt(types: readonly ValueType[]): Member[] {
  let end = 0;
  return types.map((type) => {
    const { size, align } = layoutOf(type);
    const offset = alignUp(end, align);
    end = offset + size;
    return { type, offset };
  });
}

/** Anything with a discriminant, seen as a variant: its payload types in case order. */
export function payloadsOf(type: ValueType): readonly (ValueType | undefined)[] {
  const payloads = casesOf(type);
  if (payloads === undefined) throw new TypeError(`a ${type.kind} has no discriminant`);
  return payloads;
}

export interface VariantLayout {
  /** Bytes of the discriminant, which stands at 0. */
  readonly discriminant: 1 | 2 | 4;
  readonly payloadOffset: number;
  readonly payloads: readonly (ValueType | undefined)[];
}

export function variantLayout(type: ValueType): VariantLayout {
  const payloads = payloadsOf(type);
  const discriminant = discriminantSize(payloads.length);
  const align = Math.max(...payloads.map((payload) => (payload === undefined ? 1 : layoutOf(payload).align)));
  return { discriminant, payloadOffset: alignUp(discriminant, align), payloads };
}

/** Bytes that tell `count` things apart. */
export function discriminantSize(count: number): 1 | 2 | 4 {
  if (count <= 256) return 1;
  return count <= 65536 ? 2 : 4;
}

/** The core values that a value becomes when passed flat. */
export function flatten(type: ValueType): readonly CoreType[] {
  switch (type.kind) {
    case 's64':
    case 'u64':
      return ['i64'];
    case 'f32':
    case 'f64':
      return [type.kind];
    case 'string':
    case 'list':
      return ['i32', 'i32'];
    case 'record':
      return type.fields.flatMap((field) => flatten(field.type));
    case 'tuple':
      return type.elements.flatMap(flatten);
    case 'variant':
    case 'option':
    case 'result': {
      const joined: CoreType[] = [];
      for (const payload of payloadsOf(type)) {
        const flat = payload === undefined ? [] : flatten(payload);
        flat.forEach((core, i) => {
          const other = joined[i];
          joined[i] = other === undefined ? core : join(other, core);
        });
      }
      return ['i32', ...joined];
    }
    default:
      return ['i32'];
  }
}

/** The core type that can carry both. */
function join(a: CoreType, b: CoreType): CoreType {
  if (a === b) return a;
  return (a === 'i32' && b === 'f32') || (a === 'f32' && b === 'i32') ? 'i32' : 'i64';
}

/** How a function crosses the border. */
export interface FlatSignature {
  /** The flat parameters, or undefined when they go through memory. */
  readonly params: readonly CoreType[] | undefined;
  /** The flat result (none, or one), or undefined when it goes through memory. */
  readonly results: readonly CoreType[] | undefined;
}

export function signatureOf(type: FunctionType): FlatSignature {
  const params = type.params.flatMap((param) => flatten(param.type));
  const results = type.result === undefined ? [] : flatten(type.result);
  return {
    params: params.length > FLAT_PARAMS_MAX ? undefined : params,
    results: results.length > FLAT_RESULTS_MAX ? undefined : results,
  };
}

function alignUp(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}
