/** Core WebAssembly types as they stand in core modules, module types and component core types. */
import { UnsupportedError } from '../errors.ts';
import { hex, type Reader } from './reader.ts';
import type { CoreExternSyntax, CoreFunctionType, CoreValueType, Limits } from './syntax.ts';

const numberTypes = new Map<number, CoreValueType>([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
  [0x70, 'funcref'],
  [0x6f, 'externref'],
]);

/** Abstract heap types and their one-byte reference forms. */
const heapTypes = new Map<number, string>([
  [0x74, 'noexn'],
  [0x73, 'nofunc'],
  [0x72, 'noextern'],
  [0x71, 'none'],
  [0x70, 'func'],
  [0x6f, 'extern'],
  [0x6e, 'any'],
  [0x6d, 'eq'],
  [0x6c, 'i31'],
  [0x6b, 'struct'],
  [0x6a, 'array'],
  [0x69, 'exn'],
]);

export function readCoreValueType(reader: Reader): CoreValueType {
  const start = reader.offset;
  const code = reader.byte('a core value type');
  const simple = numberTypes.get(code);
  if (simple !== undefined) return simple;
  if (code === 0x63 || code === 0x64) {
    return `ref ${code === 0x63 ? 'null ' : ''}${readHeapType(reader)}`;
  }
  const heap = heapTypes.get(code);
  if (heap !== undefined) return `ref null ${heap}`;
  return reader.fail(`invalid core value type 0x${hex(code)}`, start);
}

function readHeapType(reader: Reader): string {
  const start = reader.offset;
  const code = reader.s33('a heap type');
  if (code >= 0) return String(code);
  return heapTypes.get(code + 128) ?? reader.fail('invalid heap type', start);
}

/** The rest of a function type, after its 0x60. */
export function readCoreFunctionType(reader: Reader): CoreFunctionType {
  const params = reader.vector('core parameters', () => readCoreValueType(reader));
  const results = reader.vector('core results', () => readCoreValueType(reader));
  return { kind: 'func', params, results };
}

/**
 * One entry of a core type section. Struct, array and continuation types are stepped over and come
 * out as undefined: no import or export that a component can link has them in its signature.
 */
export function readRecursiveType(reader: Reader): (CoreFunctionType | undefined)[] {
  if (reader.peek('a core type') !== 0x4e) return [readSubType(reader)];
  reader.byte('a recursion group');
  return reader.vector('types of a recursion group', () => readSubType(reader));
}

function readSubType(reader: Reader): CoreFunctionType | undefined {
  const start = reader.offset;
  let code = reader.byte('a core type');
  if (code === 0x50 || code === 0x4f) {
    reader.vector('supertypes', () => reader.u32('a type index'));
    code = reader.byte('a core type');
  }
  switch (code) {
    case 0x60:
      return readCoreFunctionType(reader);
    case 0x5f:
      reader.vector('struct fields', () => readFieldType(reader));
      return undefined;
    case 0x5e:
      readFieldType(reader);
      return undefined;
    default:
      return reader.fail(`invalid core type 0x${hex(code)}`, start);
  }
}

function readFieldType(reader: Reader): void {
  const code = reader.peek('a storage type');
  if (code === 0x78 || code === 0x77) reader.byte('a packed type');
  else readCoreValueType(reader);
  reader.byte('mutability');
}

function readLimits(reader: Reader, flags: number): Limits {
  const index64 = (flags & 4) !== 0;
  const read = (what: string) => (index64 ? reader.u64(what) : BigInt(reader.u32(what)));
  const min = read('a minimum');
  const max = flags & 1 ? read('a maximum') : undefined;
  return { min, max, shared: (flags & 2) !== 0, index64 };
}

export function readTableType(reader: Reader): Extract<CoreExternSyntax, { kind: 'table' }> {
  const element = readCoreValueType(reader);
  const start = reader.offset;
  const flags = reader.byte('table limits');
  if (flags > 7) reader.fail(`invalid table limits flags 0x${hex(flags)}`, start);
  return { kind: 'table', element, limits: readLimits(reader, flags) };
}

export function readMemoryType(reader: Reader): Extract<CoreExternSyntax, { kind: 'memory' }> {
  const start = reader.offset;
  const flags = reader.byte('memory limits');
  if (flags > 15) reader.fail(`invalid memory limits flags 0x${hex(flags)}`, start);
  const limits = readLimits(reader, flags);
  const pageSizeLog2 = flags & 8 ? reader.u32('a page size') : 16;
  return { kind: 'memory', limits, pageSizeLog2 };
}

export function readGlobalType(reader: Reader): Extract<CoreExternSyntax, { kind: 'global' }> {
  const value = readCoreValueType(reader);
  const start = reader.offset;
  const mutable = reader.byte('mutability');
  if (mutable > 1) reader.fail(`invalid mutability 0x${hex(mutable)} (malformed mutability)`, start);
  return { kind: 'global', value, mutable: mutable === 1 };
}

/** The type of a core import, or of an export of a module type: functions and tags by type index. */
export function readCoreExtern(reader: Reader): CoreExternSyntax {
  const start = reader.offset;
  const code = reader.byte('a core extern type');
  switch (code) {
    case 0x00:
      return { kind: 'func', type: reader.u32('a core type index') };
    case 0x01:
      return readTableType(reader);
    case 0x02:
      return readMemoryType(reader);
    case 0x03:
      return readGlobalType(reader);
    case 0x04:
      reader.expect(0, 'a tag attribute');
      return { kind: 'tag', type: reader.u32('a core type index') };
    case 0x20:
      throw new UnsupportedError('exact function imports', `found at byte ${start}`);
    default:
      return reader.fail(`invalid core extern kind 0x${hex(code)}`, start);
  }
}
