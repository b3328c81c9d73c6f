/** The sections outside code that name memories by index: exports, and active data segments. */
import { malformed } from './errors.ts';
import type { Reader } from './reader.ts';
import { type Features, readConstantExpression } from './types.ts';
import { Writer } from './writer.ts';

const MEMORY_EXPORT = 2;

export function rewriteExports(reader: Reader, shiftMemory: (index: number) => number): Uint8Array {
  const writer = new Writer(reader.end - reader.pos + 16);
  const count = reader.u32('the number of exports');
  writer.u32(count);
  for (let index = 0; index < count; index++) {
    const start = reader.pos;
    reader.skip(reader.u32('the length of a name'), 'the name of an export');
    const kind = reader.byte('the kind of an export');
    writer.raw(reader.bytes.subarray(start, reader.pos));
    const exported = reader.u32('an index');
    writer.u32(kind === MEMORY_EXPORT ? shiftMemory(exported) : exported);
  }
  reader.finish('the export section');
  return writer.written();
}

export function rewriteData(
  reader: Reader,
  shiftMemory: (index: number) => number,
  features: Features,
): Uint8Array {
  const writer = new Writer(reader.end - reader.pos + 64);
  const count = reader.u32('the number of data segments');
  writer.u32(count);
  for (let index = 0; index < count; index++) {
    const offset = reader.pos;
    const form = reader.u32('the form of a data segment');
    if (form > 2) throw malformed(`unknown form of data segment ${form}`, offset);
    if (form === 1) writer.u32(1);
    else {
      const memory = shiftMemory(form === 2 ? reader.u32('a memory index') : 0);
      if (memory === 0) writer.u32(0);
      else writer.u32(2).u32(memory);
    }
    const start = reader.pos;
    if (form !== 1) readConstantExpression(reader, features);
    reader.skip(reader.u32('the size of a data segment'), 'a data segment');
    writer.raw(reader.bytes.subarray(start, reader.pos));
  }
  reader.finish('the data section');
  return writer.written();
}
