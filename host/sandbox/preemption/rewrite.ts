/**
 * A core module in, the same module out, but one that can be stopped: its code looks at a control word
 * often enough, and it imports the shared memory in which that word stands. Which code looks, and how,
 * is in `code.ts`, `check.ts` and `bulk.ts`; who writes the word is in `control.ts`.
 *
 * The control memory becomes the last import. For that not to push the module's own first memory from index 0,
 * where V8 keeps a memory's address at hand (elsewhere a hash table took 1.6 times as long), that memory becomes
 * an import too, made by the host for each instance. Other memories that the module defines move up by
 * one. Nothing else moves: added types and functions come last. Custom sections other than names and branch hints go, since the offsets in them would be wrong.
 */
import { BulkFunctions } from './bulk.ts';
import { checkInstructions } from './check.ts';
import { CodeRewriter } from './code.ts';
import { controlMemory } from './control.ts';
import { Declarations } from './declarations.ts';
import { malformed, tooCostly } from './errors.ts';
import { defaultModuleLimits, type ModuleLimits } from './limits.ts';
import { rewriteData, rewriteExports } from './memory-indices.ts';
import { type BranchHints, readBranchHints, rewriteNames, writeBranchHints } from './names.ts';
import { Reader } from './reader.ts';
import { Assembly, readSections, Section } from './sections.ts';
import { type Features, readCount } from './types.ts';
import { Writer } from './writer.ts';

export interface InstrumentOptions {
  /** Where they differ from `defaultModuleLimits`. */
  readonly limits?: Partial<ModuleLimits>;
  /** What is not refused. All of it is by default. */
  readonly features?: Partial<Features>;
}

export interface InstrumentedModule {
  /** What V8 is to compile. */
  readonly bytes: Uint8Array;
  /** What it imports beside what the original does; absent when it has no code, and is what it was. */
  readonly added: AddedImports | undefined;
}

export interface AddedImports {
  /** The module name of the added imports, one that the guest does not import from. */
  readonly module: string;
  /** The memory that the original defined, to be made for each instance; absent where it defined none. */
  readonly memory: WebAssembly.MemoryDescriptor | undefined;
}

/** The added imports for one new instance on this thread. */
export function addedImports(added: AddedImports): WebAssembly.Imports {
  const imports: Record<string, WebAssembly.Memory> = { [CONTROL_NAME]: controlMemory() };
  if (added.memory !== undefined) imports[MEMORY_NAME] = new WebAssembly.Memory(added.memory);
  return { [added.module]: imports };
}

const CONTROL_MODULE = 'weir:preemption';
const CONTROL_NAME = 'control';
const MEMORY_NAME = 'memory';
/** Shared, of exactly one page. */
const CONTROL_LIMITS = Uint8Array.of(0x03, 0x01, 0x01);

/**
 * Rewrite a core module so that it can be preempted.
 *
 * Takes time in proportion to the module's size, and memory of about twice that. The result is valid
 * exactly if the module is, which V8 decides.
 * @throws ModuleError (`WEIR_SANDBOX_MODULE_…`) with the byte offset, when the bytes cannot be read, use a
 * feature that is refused, or exceed a limit
 */
export function instrument(module: Uint8Array, options: InstrumentOptions = {}): InstrumentedModule {
  const limits = { ...defaultModuleLimits, ...options.limits };
  const features = { gc: false, exnref: false, ...options.features };
  const sections = readSections(module);
  const declared = new Declarations(limits, features);
  const read = (id: number, into: (reader: Reader) => void) => {
    const section = sections.known.get(id);
    if (section !== undefined) into(new Reader(module, section.start, section.end));
  };
  read(Section.type, (reader) => declared.readTypes(reader));
  read(Section.import, (reader) => declared.readImports(reader));
  read(Section.function, (reader) => declared.readFunctions(reader));
  read(Section.table, (reader) => declared.readTables(reader));
  read(Section.memory, (reader) => declared.readMemories(reader));
  read(Section.tag, (reader) => void readCount(reader, limits.tags, 'tags'));
  read(Section.global, (reader) => declared.readGlobals(reader));
  read(Section.export, (reader) => void readCount(reader, limits.exports, 'exports'));
  read(Section.element, (reader) => {
    const size = reader.end - reader.pos;
    if (size > limits.elementBytes) {
      throw tooCostly('too many bytes of element segments', size, limits.elementBytes, reader.pos);
    }
    readCount(reader, limits.segments, 'element segments');
  });
  read(Section.data, (reader) => void readCount(reader, limits.segments, 'data segments'));
  const code = sections.known.get(Section.code);
  if (code === undefined) {
    if (declared.functions.length > 0)
      throw malformed('there are functions but no code section', module.length);
    return { bytes: module, added: undefined };
  }

  const { ownMemory } = declared;
  const memoriesBefore = ownMemory === undefined ? declared.importedMemories : 1;
  const shiftMemory = (index: number) => (index >= memoriesBefore ? index + 1 : index);
  const functionCount = declared.importedFunctions + declared.functions.length;
  const bulk = new BulkFunctions(
    declared.memories,
    declared.tables,
    shiftMemory,
    functionCount,
    limits.bulkOperations,
  );
  const check = checkInstructions(memoriesBefore);
  const hints = sections.branchHints === undefined ? undefined : readBranchHints(sections.branchHints);
  const bodies = rewriteCode(
    new Reader(module, code.start, code.end),
    declared,
    memoriesBefore,
    bulk,
    check,
    hints,
  );
  // An index just past the module's own functions or types would name what is added here, and be valid.
  if (bulk.count > 0 && !WebAssembly.validate(module as Uint8Array<ArrayBuffer>)) {
    throw malformed('the module is not valid', 0);
  }
  const importModule = freeName(CONTROL_MODULE, declared.importedModules);

  const out = new Assembly(module, sections);
  out.extend(Section.type, bulk.count, bulk.types());
  if (ownMemory !== undefined) {
    out.extend(Section.import, 1, memoryImport(importModule, MEMORY_NAME, ownMemory.bytes));
    out.replace(Section.memory, (reader) => withoutFirstMemory(reader, ownMemory.bytes.length));
  }
  out.extend(Section.import, 1, memoryImport(importModule, CONTROL_NAME, CONTROL_LIMITS));
  out.extend(Section.function, bulk.count, addedFunctionTypes(declared.parameters.length, bulk.count));
  out.replace(Section.export, (reader) => rewriteExports(reader, shiftMemory));
  if (hints !== undefined) out.branchHints = writeBranchHints(hints);
  const addedBodies = bulk.bodies(check);
  const count = new Writer(5).u32(declared.functions.length + bulk.count).written();
  out.set(Section.code, [count, bodies, addedBodies]);
  out.replace(Section.data, (reader) => rewriteData(reader, shiftMemory, features));
  if (sections.names !== undefined) out.names = rewriteNames(sections.names, bulk.names(), shiftMemory);
  return { bytes: out.assemble(), added: { module: importModule, memory: ownMemory?.descriptor } };
}

/** The bodies of all functions that the module defines, each with its size, without their count. */
function rewriteCode(
  reader: Reader,
  declared: Declarations,
  memoriesBefore: number,
  bulk: BulkFunctions,
  check: Uint8Array,
  hints: Map<number, BranchHints> | undefined,
): Uint8Array {
  const { functions, parameters, importedFunctions, memories, limits, features } = declared;
  const offset = reader.pos;
  const count = reader.u32('the number of functions');
  if (count !== functions.length) {
    throw malformed(`there are ${count} function bodies for ${functions.length} functions`, offset);
  }
  const size = reader.end - reader.pos;
  const layout = { memories: memories.length, memoriesBefore, check, bulk, limits, features };
  const rewriter = new CodeRewriter(layout, size + (size >>> 2) + 1024);
  for (let index = 0; index < count; index++) {
    const bodySize = reader.u32('the size of a function');
    const start = reader.pos;
    reader.skip(bodySize, 'a function');
    const offsets = hints?.get(importedFunctions + index)?.offsets;
    rewriter.body(reader.bytes, start, reader.pos, parameters[functions[index]!]!, offsets);
  }
  reader.finish('the code section');
  return rewriter.output.written();
}

function memoryImport(module: string, name: string, limits: Uint8Array): Uint8Array {
  return new Writer().name(module).name(name).byte(0x02).raw(limits).written();
}

function withoutFirstMemory(reader: Reader, length: number): Uint8Array {
  const count = reader.u32('the number of memories');
  reader.skip(length, 'a memory');
  return new Writer()
    .u32(count - 1)
    .raw(reader.bytes.subarray(reader.pos, reader.end))
    .written();
}

function addedFunctionTypes(firstType: number, count: number): Uint8Array {
  const writer = new Writer();
  for (let index = 0; index < count; index++) writer.u32(firstType + index);
  return writer.written();
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let attempt = 2; taken.has(name); attempt++) name = `${wanted}-${attempt}`;
  return name;
}
