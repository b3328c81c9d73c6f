/** The types of the functions that a core module exports: what its calls take and give, as WAT names. */
import { Reader } from '../../../host/sandbox/preemption/reader.ts';
import { readSections, Section } from '../../../host/sandbox/preemption/sections.ts';

export type SimpleType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref';

export interface Signature {
  readonly parameters: readonly SimpleType[];
  readonly results: readonly SimpleType[];
}

const simpleTypes = new Map<number, SimpleType>([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
  [0x70, 'funcref'],
  [0x6f, 'externref'],
]);
export const encodings = new Map([...simpleTypes].map(([byte, type]) => [type, byte]));

/** By export name; functions with other types in their signature are left out. */
export function exportedSignatures(module: Uint8Array): Map<string, Signature> {
  const { known } = readSections(module);
  const open = (id: number) => {
    const span = known.get(id);
    return span === undefined ? undefined : new Reader(module, span.start, span.end);
  };
  const types = readTypes(open(Section.type));
  const functions = [...importedFunctions(open(Section.import))];
  const own = open(Section.function);
  for (let count = own?.u32('count') ?? 0; count > 0; count--) functions.push(own!.u32('type'));
  const signatures = new Map<string, Signature>();
  const exported = open(Section.export);
  for (let count = exported?.u32('count') ?? 0; count > 0; count--) {
    const name = exported!.name('name');
    const kind = exported!.byte('kind');
    const signature = kind === 0 ? types[functions[exported!.u32('index')]!] : void exported!.u32('index');
    if (signature !== undefined) signatures.set(name, signature);
  }
  return signatures;
}

function readTypes(reader: Reader | undefined): (Signature | undefined)[] {
  const types: (Signature | undefined)[] = [];
  if (reader === undefined) return types;
  for (let groups = reader.u32('count'); groups > 0; groups--) {
    let members = 1;
    if (reader.bytes[reader.pos] === 0x4e) {
      reader.pos++;
      members = reader.u32('members');
    }
    // An adapter's import must have the very type, so only types that stand alone can be had.
    const alone = members === 1;
    for (; members > 0; members--) {
      const type = readType(reader);
      types.push(alone ? type : undefined);
    }
  }
  return types;
}

function readType(reader: Reader): Signature | undefined {
  let form = reader.byte('form');
  let subtype = false;
  if (form === 0x50 || form === 0x4f) {
    subtype = true;
    for (let count = reader.u32('supertypes'); count > 0; count--) reader.u32('supertype');
    form = reader.byte('form');
  }
  if (form === 0x60) {
    const parameters = readValueTypes(reader);
    const results = readValueTypes(reader);
    const all = [...parameters, ...results];
    return subtype || all.includes(undefined)
      ? undefined
      : { parameters: parameters as SimpleType[], results: results as SimpleType[] };
  }
  for (let fields = form === 0x5f ? reader.u32('fields') : 1; fields > 0; fields--) {
    readValueType(reader);
    reader.byte('mutability');
  }
  return undefined;
}

function readValueTypes(reader: Reader): (SimpleType | undefined)[] {
  return Array.from({ length: reader.u32('count') }, () => readValueType(reader));
}

function readValueType(reader: Reader): SimpleType | undefined {
  const byte = reader.byte('type');
  if (byte === 0x63 || byte === 0x64) reader.skipInteger('heap type');
  return simpleTypes.get(byte);
}

function* importedFunctions(reader: Reader | undefined): Iterable<number> {
  for (let count = reader?.u32('count') ?? 0; count > 0; count--) {
    reader!.name('module');
    reader!.name('name');
    const kind = reader!.byte('kind');
    if (kind === 0) yield reader!.u32('type');
    else if (kind === 4) {
      reader!.byte('attribute');
      reader!.u32('type');
    } else if (kind === 3) {
      readValueType(reader!);
      reader!.byte('mutability');
    } else {
      if (kind === 1) readValueType(reader!);
      const flags = reader!.byte('flags');
      reader!.u64('minimum');
      if ((flags & 1) !== 0) reader!.u64('maximum');
    }
  }
}
