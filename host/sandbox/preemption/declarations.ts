/**
 * What a core module declares in front of its code: imports, functions, tables, memories, globals.
 * Reads those sections just far enough to rewrite code and to hold the limits.
 */
import type { AddressSpace } from './bulk.ts';
import { malformed, refused } from './errors.ts';
import type { ModuleLimits } from './limits.ts';
import type { Reader } from './reader.ts';
import { type Features, readConstantExpression, readCount, readTypes, readValueType } from './types.ts';

/** Filled in section by section, in the order of the binary. */
export class Declarations {
  readonly limits: ModuleLimits;
  readonly features: Features;
  /** Parameters of each type. */
  parameters: number[] = [];
  /** The names of the modules that it imports from. */
  readonly importedModules = new Set<string>();
  importCount = 0;
  importedFunctions = 0;
  importedMemories = 0;
  /** The type index of each function that it defines. */
  functions: number[] = [];
  readonly memories: AddressSpace[] = [];
  /** The type of the first memory that the module defines, if it imports none. */
  ownMemory: MemoryType | undefined;
  readonly tables: AddressSpace[] = [];

  constructor(limits: ModuleLimits, features: Features) {
    this.limits = limits;
    this.features = features;
  }

  readTypes(reader: Reader): void {
    this.parameters = readTypes(reader, this.limits, this.features);
  }

  readImports(reader: Reader): void {
    this.importCount = readCount(reader, this.limits.imports, 'imports');
    for (let index = 0; index < this.importCount; index++) {
      this.importedModules.add(reader.name('the module of an import'));
      reader.name('the name of an import');
      const offset = reader.pos;
      const kind = reader.byte('the kind of an import');
      if (kind === 0) {
        reader.skipInteger('a type index');
        this.importedFunctions++;
      } else if (kind === 1) {
        this.tables.push(this.#tableType(reader));
      } else if (kind === 2) {
        this.memories.push(readMemoryType(reader));
        this.importedMemories++;
      } else if (kind === 3) {
        readValueType(reader, this.features);
        reader.byte('the mutability of a global');
      } else if (kind === 4) {
        reader.byte('the attribute of a tag');
        reader.skipInteger('a type index');
      } else throw malformed(`unknown kind of import ${kind}`, offset);
    }
    reader.finish('the import section');
  }

  readFunctions(reader: Reader): void {
    const count = readCount(reader, this.limits.functions, 'functions');
    const functions = new Array<number>(count);
    for (let index = 0; index < count; index++) {
      const offset = reader.pos;
      const type = reader.u32('a type index');
      if (type >= this.parameters.length) throw malformed(`there is no type ${type}`, offset);
      functions[index] = type;
    }
    reader.finish('the function section');
    this.functions = functions;
  }

  readTables(reader: Reader): void {
    const count = readCount(reader, this.limits.tables, 'tables');
    for (let index = 0; index < count; index++) {
      const initialised = reader.bytes[reader.pos] === 0x40;
      if (initialised) reader.skip(2, 'a table');
      this.tables.push(this.#tableType(reader));
      if (initialised) readConstantExpression(reader, this.features);
    }
    reader.finish('the table section');
  }

  readMemories(reader: Reader): void {
    const count = readCount(reader, this.limits.memories, 'memories');
    for (let index = 0; index < count; index++) {
      const memory = readMemoryType(reader);
      if (this.memories.length === 0) this.ownMemory = memory;
      this.memories.push(memory);
    }
    reader.finish('the memory section');
  }

  readGlobals(reader: Reader): void {
    const count = readCount(reader, this.limits.globals, 'globals');
    for (let index = 0; index < count; index++) {
      readValueType(reader, this.features);
      reader.byte('the mutability of a global');
      readConstantExpression(reader, this.features);
    }
    reader.finish('the global section');
  }

  #tableType(reader: Reader): AddressSpace {
    const start = reader.pos;
    readValueType(reader, this.features);
    const element = reader.bytes.slice(start, reader.pos);
    return { wide: readLimits(reader, 'a table').wide, element };
  }
}

/** What a module says of its own first memory. */
export interface MemoryType extends AddressSpace {
  /** The limits, encoded. */
  readonly bytes: Uint8Array;
  /** As the constructor of `WebAssembly.Memory` takes them. */
  readonly descriptor: WebAssembly.MemoryDescriptor;
}

function readMemoryType(reader: Reader): MemoryType {
  const start = reader.pos;
  const { wide, minimum, maximum } = readLimits(reader, 'a memory');
  const bytes = reader.bytes.slice(start, reader.pos);
  const pages = (value: bigint) => (wide ? value : Number(value));
  // The type declarations do not know of 64-bit memories, whose numbers are bigints.
  const descriptor: object = {
    ...(wide ? { address: 'i64' as const } : {}),
    initial: pages(minimum),
    ...(maximum === undefined ? {} : { maximum: pages(maximum) }),
  };
  return { wide, bytes, descriptor: descriptor as WebAssembly.MemoryDescriptor };
}

function readLimits(reader: Reader, what: string): { wide: boolean; minimum: bigint; maximum?: bigint } {
  const offset = reader.pos;
  const flags = reader.byte(`the limits of ${what}`);
  if ((flags & 2) !== 0) throw refused('threads (a shared memory)', offset);
  if (flags > 7) throw malformed(`unknown flags ${flags} in the limits of ${what}`, offset);
  const minimum = reader.u64(`the minimum of ${what}`);
  const maximum = (flags & 1) === 0 ? undefined : reader.u64(`the maximum of ${what}`);
  return { wide: (flags & 4) !== 0, minimum, maximum };
}
