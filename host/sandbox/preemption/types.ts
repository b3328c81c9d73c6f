/**
 * Value types, heap types and the type section: how many parameters each function type has, and the
 * refusal of what the sandbox cannot contain (garbage-collected types, exception references).
 */
import { malformed, refused, tooCostly } from './errors.ts';
import { gcImmediates } from './instructions.ts';
import type { ModuleLimits } from './limits.ts';
import type { Reader } from './reader.ts';

/** What is refused unless it is asked for. */
export interface Features {
  /**
   * Structs, arrays, `i31` and casts. A guest that allocates such objects in a loop ends the whole
   * process: no limit of V8 or Node holds its heap.
   */
  readonly gc: boolean;
  /** Exception references, which keep what was thrown alive; the same holds for them. */
  readonly exnref: boolean;
}

const GC_HEAP_TYPES = new Map([
  [0x6e, 'any'],
  [0x6d, 'eq'],
  [0x6c, 'i31'],
  [0x6b, 'struct'],
  [0x6a, 'array'],
  [0x71, 'none'],
]);
const EXCEPTION_HEAP_TYPES = new Map([
  [0x69, 'exn'],
  [0x74, 'noexn'],
]);
// func, extern, nofunc, noextern
const PLAIN_HEAP_TYPES = new Set([0x70, 0x6f, 0x73, 0x72]);
// i32, i64, f32, f64, v128
const NUMBER_TYPES = new Set([0x7f, 0x7e, 0x7d, 0x7c, 0x7b]);

function checkAbstractHeapType(byte: number, features: Features, offset: number): boolean {
  const gc = GC_HEAP_TYPES.get(byte);
  if (gc !== undefined) {
    if (!features.gc) throw refused(`garbage-collected types (the heap type ${gc})`, offset);
    return true;
  }
  const exception = EXCEPTION_HEAP_TYPES.get(byte);
  if (exception !== undefined) {
    if (!features.exnref) throw refused(`exception references (the heap type ${exception})`, offset);
    return true;
  }
  return PLAIN_HEAP_TYPES.has(byte);
}

export function readHeapType(reader: Reader, features: Features): void {
  const offset = reader.pos;
  const byte = reader.byte('a heap type');
  if (byte < 0x40) return; // a type index of one byte
  if (byte >= 0x80) {
    reader.pos = offset;
    reader.skipInteger('a type index');
  } else if (!checkAbstractHeapType(byte, features, offset)) {
    throw malformed(`unknown heap type 0x${byte.toString(16)}`, offset);
  }
}

export function readValueType(reader: Reader, features: Features): void {
  const offset = reader.pos;
  const byte = reader.byte('a value type');
  if (NUMBER_TYPES.has(byte)) return;
  if (byte === 0x63 || byte === 0x64) readHeapType(reader, features);
  else if (!checkAbstractHeapType(byte, features, offset)) {
    throw malformed(`unknown value type 0x${byte.toString(16)}`, offset);
  }
}

/** The type of a block: nothing, one value type, or a type index. */
export function readBlockType(reader: Reader, features: Features): void {
  const byte = reader.bytes[reader.pos];
  if (byte === 0x40 && !reader.atEnd) reader.pos++;
  else if (byte !== undefined && (byte < 0x40 || byte >= 0x80)) reader.skipInteger('a block type');
  else readValueType(reader, features);
}

/** A number of things that a limit holds down. */
export function readCount(reader: Reader, limit: number, what: string): number {
  const offset = reader.pos;
  const count = reader.u32(`the number of ${what}`);
  if (count > limit) throw tooCostly(`too many ${what}`, count, limit, offset);
  return count;
}

/** For every type its number of parameters; 0 for types that are not function types. */
export function readTypes(reader: Reader, limits: ModuleLimits, features: Features): number[] {
  const parameters: number[] = [];
  const groups = readCount(reader, limits.types, 'types');
  for (let group = 0; group < groups; group++) {
    if (reader.bytes[reader.pos] === 0x4e && !reader.atEnd) {
      reader.pos++;
      const members = readCount(reader, limits.types - parameters.length, 'types');
      for (let member = 0; member < members; member++) parameters.push(readSubType(reader, limits, features));
    } else {
      if (parameters.length >= limits.types) {
        throw tooCostly('too many types', parameters.length + 1, limits.types, reader.pos);
      }
      parameters.push(readSubType(reader, limits, features));
    }
  }
  reader.finish('the type section');
  return parameters;
}

function readSubType(reader: Reader, limits: ModuleLimits, features: Features): number {
  let offset = reader.pos;
  let form = reader.byte('a type');
  if (form === 0x50 || form === 0x4f) {
    const supertypes = reader.u32('the number of supertypes');
    if (supertypes > 1) throw malformed('a type has more than one supertype', offset);
    if (supertypes === 1) reader.u32('a supertype');
    offset = reader.pos;
    form = reader.byte('a type');
  }
  if (form === 0x60) {
    const parameters = readCount(reader, limits.parameters, 'parameters of one function type');
    for (let index = 0; index < parameters; index++) readValueType(reader, features);
    const results = readCount(reader, limits.parameters, 'results of one function type');
    for (let index = 0; index < results; index++) readValueType(reader, features);
    return parameters;
  }
  if (form !== 0x5f && form !== 0x5e) throw malformed(`unknown form of type 0x${form.toString(16)}`, offset);
  if (!features.gc) {
    throw refused(`garbage-collected types (a type of form ${form === 0x5f ? 'struct' : 'array'})`, offset);
  }
  const fields = form === 0x5f ? readCount(reader, 10_000, 'fields of one struct type') : 1;
  for (let field = 0; field < fields; field++) {
    const storage = reader.bytes[reader.pos];
    if (storage === 0x78 || storage === 0x77) reader.byte('a packed type');
    else readValueType(reader, features);
    reader.byte('the mutability of a field');
  }
  return 0;
}

/** An initialiser of a global, a table or an offset, up to and with its `end`. */
export function readConstantExpression(reader: Reader, features: Features): void {
  for (;;) {
    const offset = reader.pos;
    const opcode = reader.byte('an instruction of a constant expression');
    switch (opcode) {
      case 0x0b: // end
        return;
      case 0x23: // global.get
      case 0x41: // i32.const
      case 0x42: // i64.const
      case 0xd2: // ref.func
        reader.skipInteger('an immediate');
        break;
      case 0x43: // f32.const
        reader.skip(4, 'a constant');
        break;
      case 0x44: // f64.const
        reader.skip(8, 'a constant');
        break;
      case 0xd0: // ref.null
        readHeapType(reader, features);
        break;
      case 0xfd: // v128.const
        reader.u32('a vector instruction');
        reader.skip(16, 'a constant');
        break;
      case 0xfb: {
        const operation = reader.u32('an instruction of the 0xfb group');
        if (!features.gc)
          throw refused(`garbage-collected types (the instruction 0xfb ${operation})`, offset);
        const immediates = gcImmediates(operation);
        if (immediates > 3) throw malformed(`unknown instruction 0xfb ${operation}`, offset);
        for (let index = 0; index < immediates; index++) reader.skipInteger('an immediate');
        break;
      }
      default: // add, sub, mul
        if ((opcode < 0x6a || opcode > 0x6c) && (opcode < 0x7c || opcode > 0x7e)) {
          throw malformed(`0x${opcode.toString(16)} is not an instruction of a constant expression`, offset);
        }
    }
  }
}
