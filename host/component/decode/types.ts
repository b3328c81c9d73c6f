/** The type section, and the import, export and alias forms that types contain. */
import { UnsupportedError } from '../errors.ts';
import type { PrimitiveKind } from '../types.ts';
import { readCoreExtern, readCoreFunctionType, readCoreValueType } from './core-types.ts';
import { hex, type Reader } from './reader.ts';
import type {
  CoreFunctionType,
  CoreModuleDeclaration,
  CoreModuleTypeSyntax,
  CoreSort,
  Definition,
  ExternTypeSyntax,
  LabelledType,
  Sort,
  TypeSyntax,
  ValueTypeRef,
} from './syntax.ts';

/** Types may nest this deep; a binary that goes deeper is refused rather than followed. */
const maxNesting = 100;

const primitives = new Map<number, PrimitiveKind>([
  [0x7f, 'bool'],
  [0x7e, 's8'],
  [0x7d, 'u8'],
  [0x7c, 's16'],
  [0x7b, 'u16'],
  [0x7a, 's32'],
  [0x79, 'u32'],
  [0x78, 's64'],
  [0x77, 'u64'],
  [0x76, 'f32'],
  [0x75, 'f64'],
  [0x74, 'char'],
  [0x73, 'string'],
  [0x64, 'error-context'],
]);

export function readValueTypeRef(reader: Reader): ValueTypeRef {
  const start = reader.offset;
  const code = reader.s33('a value type');
  if (code >= 0) return code;
  return primitives.get(code + 128) ?? reader.fail('invalid value type', start);
}

function readLabelled(reader: Reader): LabelledType {
  return { label: reader.name('a label'), type: readValueTypeRef(reader) };
}

export function readResultList(reader: Reader): ValueTypeRef | undefined {
  const start = reader.offset;
  const form = reader.byte('a result list');
  if (form === 0) return readValueTypeRef(reader);
  if (form !== 1) reader.fail(`invalid leading byte 0x${hex(form)} for a component function result`, start);
  const count = reader.offset;
  if (reader.byte('a result list') !== 0) reader.fail('multiple named results are no longer valid', count);
  return undefined;
}

export function readType(reader: Reader, depth: number): TypeSyntax {
  const start = reader.offset;
  if (depth > maxNesting) reader.fail(`types nest deeper than ${maxNesting}`, start);
  const code = reader.byte('a type');
  const primitive = primitives.get(code);
  if (primitive !== undefined) return { kind: 'primitive', primitive };
  const optionalType = () => reader.optional('type', () => readValueTypeRef(reader));
  switch (code) {
    case 0x72:
      return { kind: 'record', fields: reader.vector('record fields', () => readLabelled(reader)) };
    case 0x71:
      return {
        kind: 'variant',
        cases: reader.vector('variant cases', () => {
          const label = reader.name('a case name');
          const type = optionalType();
          reader.expect(0, 'the end of a case');
          return { label, type };
        }),
      };
    case 0x70:
      return { kind: 'list', element: readValueTypeRef(reader), length: undefined };
    case 0x67:
      return { kind: 'list', element: readValueTypeRef(reader), length: reader.u32('a list length') };
    case 0x6f:
      return { kind: 'tuple', elements: reader.vector('tuple elements', () => readValueTypeRef(reader)) };
    case 0x6e:
      return { kind: 'flags', names: reader.vector('flags', () => reader.name('a flag name')) };
    case 0x6d:
      return { kind: 'enum', names: reader.vector('enum cases', () => reader.name('a case name')) };
    case 0x6b:
      return { kind: 'option', some: readValueTypeRef(reader) };
    case 0x6a:
      return { kind: 'result', ok: optionalType(), err: optionalType() };
    case 0x69:
      return { kind: 'own', resource: reader.u32('a type index') };
    case 0x68:
      return { kind: 'borrow', resource: reader.u32('a type index') };
    case 0x66:
      return { kind: 'stream', element: optionalType() };
    case 0x65:
      return { kind: 'future', element: optionalType() };
    case 0x63:
      return { kind: 'map', key: readValueTypeRef(reader), value: readValueTypeRef(reader) };
    case 0x40:
    case 0x43:
      return {
        kind: 'func',
        async: code === 0x43,
        params: reader.vector('parameters', () => readLabelled(reader)),
        result: readResultList(reader),
      };
    case 0x41:
    case 0x42: {
      const kind = code === 0x41 ? 'component' : 'instance';
      return {
        kind,
        declarations: reader.vector('declarations', () => readDeclaration(reader, kind, depth + 1)),
      };
    }
    case 0x3f: {
      const representation = readCoreValueType(reader);
      if (representation === 'i64') {
        throw new UnsupportedError(
          '64-bit component memories',
          `a resource with an i64 representation at byte ${start}`,
        );
      }
      if (representation !== 'i32') reader.fail('resources can only be represented by i32', start);
      return {
        kind: 'resource',
        destructor: reader.optional('destructor', () => reader.u32('a function index')),
      };
    }
    case 0x3e:
      throw new UnsupportedError('asynchronous destructors', `a resource at byte ${start}`);
    default:
      return reader.fail(`invalid leading byte 0x${hex(code)} for a component defined type`, start);
  }
}

function readDeclaration(reader: Reader, kind: 'component' | 'instance', depth: number): Definition {
  const offset = reader.offset;
  const code = reader.byte('a declaration');
  switch (code) {
    case 0x00:
      return { kind: 'core type', offset, type: readCoreType(reader, depth) };
    case 0x01:
      return { kind: 'type', offset, type: readType(reader, depth) };
    case 0x02:
      return readAlias(reader);
    case 0x03:
      if (kind === 'component') return readImport(reader, offset);
      break;
    case 0x04: {
      const named = readExternName(reader);
      return { kind: 'export declaration', offset, ...named, type: readExternType(reader) };
    }
  }
  return reader.fail(`invalid leading byte 0x${hex(code)} for a declaration of a ${kind} type`, offset);
}

export function readImport(reader: Reader, offset: number): Extract<Definition, { kind: 'import' }> {
  const named = readExternName(reader);
  return { kind: 'import', offset, ...named, type: readExternType(reader) };
}

/** An import or export name with its attributes. `version suffix` and `external-id` only inform people. */
export function readExternName(reader: Reader): { name: string; implements: string | undefined } {
  const start = reader.offset;
  const form = reader.byte('an import or export name');
  if (form > 2) reader.fail(`invalid leading byte 0x${hex(form)} for a component name`, start);
  const name = reader.name('an import or export name');
  let implemented: string | undefined;
  if (form === 2) {
    const seen = new Set<number>();
    reader.vector('attributes', () => {
      const offset = reader.offset;
      const kind = reader.byte('an attribute');
      if (kind > 2) reader.fail(`invalid attribute 0x${hex(kind)}`, offset);
      if (seen.has(kind)) reader.fail('duplicate attribute', offset);
      seen.add(kind);
      const value = reader.name('an attribute');
      if (kind === 0) implemented = value;
    });
  }
  return { name, implements: implemented };
}

export function readExternType(reader: Reader): ExternTypeSyntax {
  const start = reader.offset;
  const code = reader.byte('an extern type');
  switch (code) {
    case 0x00:
      reader.expect(0x11, 'a core module type');
      return { kind: 'core module', type: reader.u32('a core type index') };
    case 0x01:
      return { kind: 'func', type: reader.u32('a type index') };
    case 0x02:
      throw new UnsupportedError('value imports and exports', `found at byte ${start}`);
    case 0x03: {
      const bound = reader.byte('a type bound');
      if (bound === 0) return { kind: 'type-eq', type: reader.u32('a type index') };
      if (bound === 1) return { kind: 'sub-resource' };
      return reader.fail(`invalid leading byte 0x${hex(bound)} for a type bound`, start + 1);
    }
    case 0x04:
      return { kind: 'component', type: reader.u32('a type index') };
    case 0x05:
      return { kind: 'instance', type: reader.u32('a type index') };
    default:
      return reader.fail(`invalid leading byte 0x${hex(code)} for an extern type`, start);
  }
}

const coreSorts: readonly (CoreSort | undefined)[] = Object.assign([] as (CoreSort | undefined)[], {
  0: 'func',
  1: 'table',
  2: 'memory',
  3: 'global',
  4: 'tag',
  16: 'type',
  17: 'module',
  18: 'instance',
});

export function readCoreSort(reader: Reader): CoreSort {
  const start = reader.offset;
  const code = reader.byte('a core sort');
  return coreSorts[code] ?? reader.fail(`invalid core sort 0x${hex(code)}`, start);
}

export function readSort(reader: Reader): Sort {
  const start = reader.offset;
  const code = reader.byte('a sort');
  if (code === 0) return `core ${readCoreSort(reader)}`;
  const sort = (['func', 'value', 'type', 'component', 'instance'] as const)[code - 1];
  return sort ?? reader.fail(`invalid sort 0x${hex(code)}`, start);
}

export function readAlias(reader: Reader): Definition {
  const offset = reader.offset;
  const sort = readSort(reader);
  const target = reader.offset;
  const form = reader.byte('an alias target');
  switch (form) {
    case 0x00: {
      const instance = reader.u32('an instance index');
      return { kind: 'alias export', offset, sort, instance, name: reader.name('an export name') };
    }
    case 0x01: {
      if (!sort.startsWith('core ')) reader.fail(`a core instance exports no ${sort}`, offset);
      const instance = reader.u32('a core instance index');
      const coreSort = sort.slice('core '.length) as CoreSort;
      return {
        kind: 'alias core export',
        offset,
        sort: coreSort,
        instance,
        name: reader.name('an export name'),
      };
    }
    case 0x02: {
      const count = reader.u32('an outer alias count');
      return { kind: 'alias outer', offset, sort, count, index: reader.u32('an outer alias index') };
    }
    default:
      return reader.fail(`invalid leading byte 0x${hex(form)} for an alias`, target);
  }
}

export function readCoreType(reader: Reader, depth: number): CoreFunctionType | CoreModuleTypeSyntax {
  const start = reader.offset;
  if (depth > maxNesting) reader.fail(`types nest deeper than ${maxNesting}`, start);
  const code = reader.byte('a core type');
  switch (code) {
    case 0x60:
      return readCoreFunctionType(reader);
    case 0x50:
      return {
        kind: 'module',
        declarations: reader.vector('module declarations', () => readModuleDeclaration(reader, depth + 1)),
      };
    case 0x00:
    case 0x4e:
    case 0x4f:
    case 0x5e:
    case 0x5f:
      throw new UnsupportedError('GC types', `a core type at byte ${start}`);
    default:
      return reader.fail(`invalid leading byte 0x${hex(code)} for a core type`, start);
  }
}

function readModuleDeclaration(reader: Reader, depth: number): CoreModuleDeclaration {
  const offset = reader.offset;
  const code = reader.byte('a module declaration');
  switch (code) {
    case 0x00: {
      const module = reader.name('an import module name');
      const name = reader.name('an import name');
      return { kind: 'import', offset, module, name, type: readCoreExtern(reader) };
    }
    case 0x01:
      return { kind: 'type', offset, type: readCoreType(reader, depth) };
    case 0x02: {
      reader.expect(0x10, 'a core type sort');
      reader.expect(0x01, 'an outer alias');
      const count = reader.u32('an outer alias count');
      return { kind: 'alias outer', offset, count, index: reader.u32('an outer alias index') };
    }
    case 0x03:
      return { kind: 'export', offset, name: reader.name('an export name'), type: readCoreExtern(reader) };
    default:
      return reader.fail(`invalid leading byte 0x${hex(code)} for a module declaration`, offset);
  }
}
