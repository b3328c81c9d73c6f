/** Value and function types from their syntax: every index looked up, every rule of Binary.md's type notes checked. */
import { layoutOf } from '../abi/layout.ts';
import type { DefinedTypeSyntax, FunctionTypeSyntax, LabelledType, ValueTypeRef } from '../decode/syntax.ts';
import { DecodeError } from '../errors.ts';
import { isLabel, uniquenessKey } from '../names.ts';
import type { FunctionType, PrimitiveKind, ValueType } from '../types.ts';
import type { Scope } from './scope.ts';

/** Bytes that a value of a type may take in a 64-bit memory: below 2^28. */
const maxValueSize = 2 ** 28;
/** How deep value types may nest, and how many parts a type may have when written out. */
const maxDepth = 100;
const maxParts = 100_000;

const primitiveTypes = new Map<PrimitiveKind, ValueType>();

/** Primitives that no definition names are one object each. */
function primitive(kind: PrimitiveKind): ValueType {
  let type = primitiveTypes.get(kind);
  if (!type) {
    type = { kind };
    primitiveTypes.set(kind, type);
  }
  return type;
}

export function valueTypeOf(scope: Scope, ref: ValueTypeRef, offset: number): ValueType {
  return typeof ref === 'number' ? scope.valueType(ref, offset) : primitive(ref);
}

interface Extent {
  readonly depth: number;
  readonly parts: number;
  readonly borrows: boolean;
}

const leaf: Extent = { depth: 1, parts: 1, borrows: false };
const extents = new WeakMap<object, Extent>();

function extentOf(type: ValueType): Extent {
  let extent = extents.get(type);
  if (!extent) {
    const parts = partsOf(type);
    extent = type.kind === 'borrow' ? { ...leaf, borrows: true } : leaf;
    for (const part of parts) {
      const inner = extentOf(part);
      extent = {
        depth: Math.max(extent.depth, inner.depth + 1),
        parts: extent.parts + inner.parts,
        borrows: extent.borrows || inner.borrows,
      };
    }
    extents.set(type, extent);
  }
  return extent;
}

/** The types that a value type is made of. */
export function partsOf(type: ValueType): readonly ValueType[] {
  switch (type.kind) {
    case 'record':
      return type.fields.map((field) => field.type);
    case 'variant':
      return type.cases.flatMap((one) => one.type ?? []);
    case 'tuple':
      return type.elements;
    case 'list':
      return [type.element];
    case 'option':
      return [type.some];
    case 'result':
      return [type.ok, type.err].filter((part) => part !== undefined);
    case 'stream':
    case 'future':
      return type.element ? [type.element] : [];
    default:
      return [];
  }
}

export function containsBorrow(type: ValueType): boolean {
  return extentOf(type).borrows;
}

/** Does the type need linear memory when it is lifted or lowered? */
export function needsMemory(type: ValueType): boolean {
  if (type.kind === 'string' || (type.kind === 'list' && type.length === undefined)) return true;
  if (type.kind === 'stream' || type.kind === 'future') return false;
  return partsOf(type).some(needsMemory);
}

function checkLabels(what: string, labels: readonly string[], offset: number): void {
  const seen = new Set<string>();
  for (const label of labels) {
    if (!isLabel(label)) throw new DecodeError(`${what} name \`${label}\` is not in kebab case`, offset);
    const key = uniquenessKey(label);
    if (seen.has(key)) {
      throw new DecodeError(`${what} name \`${label}\` conflicts with a previous one`, offset);
    }
    seen.add(key);
  }
}

function labelled(scope: Scope, what: string, items: readonly LabelledType[], offset: number) {
  checkLabels(
    what,
    items.map((item) => item.label),
    offset,
  );
  return items.map((item) => ({ name: item.label, type: valueTypeOf(scope, item.type, offset) }));
}

export function defineValueType(scope: Scope, syntax: DefinedTypeSyntax, offset: number): ValueType {
  const type = resolve(scope, syntax, offset);
  const { depth, parts } = extentOf(type);
  if (depth > maxDepth) throw new DecodeError(`type nesting is too deep: more than ${maxDepth}`, offset);
  if (parts > maxParts) {
    throw new DecodeError(`effective type size exceeds the limit of ${maxParts} parts`, offset);
  }
  if (layoutOf(type, 8).size >= maxValueSize) {
    throw new DecodeError(`a value of the type takes ${maxValueSize} bytes or more`, offset);
  }
  return type;
}

/** What may be the key of a map. */
const keyKinds: ReadonlySet<ValueType['kind']> = new Set([
  'bool',
  's8',
  'u8',
  's16',
  'u16',
  's32',
  'u32',
  's64',
  'u64',
  'char',
  'string',
] as const);

function resolve(scope: Scope, syntax: DefinedTypeSyntax, offset: number): ValueType {
  const of = (ref: ValueTypeRef) => valueTypeOf(scope, ref, offset);
  const maybe = (ref: ValueTypeRef | undefined) => (ref === undefined ? undefined : of(ref));
  const some = (what: string, count: number) => {
    if (count === 0) throw new DecodeError(`${what} must have at least one part`, offset);
  };
  switch (syntax.kind) {
    case 'primitive':
      return { kind: syntax.primitive };
    case 'record':
      some('record type', syntax.fields.length);
      return { kind: 'record', fields: labelled(scope, 'record field', syntax.fields, offset) };
    case 'variant':
      some('variant type', syntax.cases.length);
      checkLabels(
        'variant case',
        syntax.cases.map((one) => one.label),
        offset,
      );
      return {
        kind: 'variant',
        cases: syntax.cases.map((one) => ({ name: one.label, type: maybe(one.type) })),
      };
    case 'list':
      if (syntax.length === undefined) return { kind: 'list', element: of(syntax.element) };
      some('fixed-length list', syntax.length);
      return { kind: 'list', element: of(syntax.element), length: syntax.length };
    case 'map': {
      const key = of(syntax.key);
      if (!keyKinds.has(key.kind)) throw new DecodeError(`a map key cannot be of type ${key.kind}`, offset);
      return { kind: 'list', element: { kind: 'tuple', elements: [key, of(syntax.value)] }, map: true };
    }
    case 'tuple':
      some('tuple type', syntax.elements.length);
      return { kind: 'tuple', elements: syntax.elements.map(of) };
    case 'flags':
      some('flags type', syntax.names.length);
      if (syntax.names.length > 32) throw new DecodeError('cannot have more than 32 flags', offset);
      checkLabels('flag', syntax.names, offset);
      return { kind: 'flags', names: syntax.names };
    case 'enum':
      some('enum type', syntax.names.length);
      checkLabels('enum case', syntax.names, offset);
      return { kind: 'enum', names: syntax.names };
    case 'option':
      return { kind: 'option', some: of(syntax.some) };
    case 'result':
      return { kind: 'result', ok: maybe(syntax.ok), err: maybe(syntax.err) };
    case 'own':
    case 'borrow': {
      const type: ValueType = { kind: syntax.kind, resource: scope.resource(syntax.resource, offset) };
      const side = scope.namedIndices.get(syntax.resource);
      if (side === 'import') scope.imports.visible.add(type);
      if (side) scope.exports.visible.add(type);
      return type;
    }
    case 'stream':
    case 'future': {
      const element = maybe(syntax.element);
      if (element && containsBorrow(element)) {
        throw new DecodeError(`a ${syntax.kind} cannot contain a borrow`, offset);
      }
      if (syntax.kind === 'stream' && element?.kind === 'char') {
        throw new DecodeError('stream element type cannot be char', offset);
      }
      return { kind: syntax.kind, element };
    }
  }
}

export function defineFunctionType(scope: Scope, syntax: FunctionTypeSyntax, offset: number): FunctionType {
  const params = labelled(scope, 'function parameter', syntax.params, offset);
  const result = syntax.result === undefined ? undefined : valueTypeOf(scope, syntax.result, offset);
  if (result && containsBorrow(result)) {
    throw new DecodeError('a function result cannot contain a borrow', offset);
  }
  return { kind: 'func', async: syntax.async, params, result };
}
