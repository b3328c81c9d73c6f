/**
 * The imports and exports of a core module, with their types. V8 tells names and kinds only, but
 * linking safely needs signatures. Everything else of the module is left to V8, which validates it.
 */
import {
  readCoreExtern,
  readGlobalType,
  readMemoryType,
  readRecursiveType,
  readTableType,
} from './core-types.ts';
import { hex, type Reader } from './reader.ts';
import type {
  CoreExport,
  CoreExternSyntax,
  CoreExternType,
  CoreFunctionType,
  CoreImport,
  CoreModuleSignature,
} from './syntax.ts';

/** The entities of a core module, by index space. */
interface Spaces {
  readonly types: (CoreFunctionType | undefined)[];
  readonly funcs: CoreExternType[];
  readonly tables: CoreExternType[];
  readonly memories: CoreExternType[];
  readonly globals: CoreExternType[];
  readonly tags: CoreExternType[];
}

/** Read a core module's signature; `reader` covers the whole module, preamble included. */
export function readCoreModule(reader: Reader): CoreModuleSignature {
  for (const [i, byte] of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00].entries()) {
    reader.expect(byte, i < 4 ? 'the magic number of a core module' : 'the version of a core module');
  }
  const spaces: Spaces = { types: [], funcs: [], tables: [], memories: [], globals: [], tags: [] };
  const imports: CoreImport[] = [];
  const exports: CoreExport[] = [];
  while (!reader.atEnd) {
    const id = reader.byte('a section id');
    const section = reader.slice(reader.u32('a section length'), 'a section');
    readSection(id, section, spaces, imports, exports);
  }
  return { imports, exports };
}

function readSection(
  id: number,
  section: Reader,
  spaces: Spaces,
  imports: CoreImport[],
  exports: CoreExport[],
): void {
  switch (id) {
    case 1:
      section.vector('types', () => spaces.types.push(...readRecursiveType(section)));
      break;
    case 2:
      section.vector('imports', () => {
        const module = section.name('an import module name');
        const name = section.name('an import name');
        const offset = section.offset;
        const type = resolveCoreExtern(section, offset, readCoreExtern(section), spaces.types);
        imports.push({ module, name, type });
        spaceOf(spaces, type.kind).push(type);
      });
      break;
    case 3:
      section.vector('functions', () => {
        const offset = section.offset;
        const type = section.u32('a type index');
        spaces.funcs.push(resolveCoreExtern(section, offset, { kind: 'func', type }, spaces.types));
      });
      break;
    case 4:
      section.vector('tables', () => readTableDefinition(section, spaces));
      return; // An initialiser may follow each table; V8 reads those.
    case 5:
      section.vector('memories', () => spaces.memories.push(readMemoryType(section)));
      break;
    case 6:
      readGlobals(section, spaces);
      return;
    case 7:
      section.vector('exports', () => {
        const name = section.name('an export name');
        const start = section.offset;
        const sort = section.byte('an export kind');
        const index = section.u32('an export index');
        const kind = (['func', 'table', 'memory', 'global', 'tag'] as const)[sort];
        if (kind === undefined) return section.fail(`invalid export kind 0x${hex(sort)}`, start);
        const type = spaceOf(spaces, kind)[index];
        if (type === undefined) return section.fail(`unknown ${kind} ${index}: index out of bounds`, start);
        exports.push({ name, type });
      });
      break;
    case 13:
      section.vector('tags', () => {
        const offset = section.offset;
        section.expect(0, 'a tag attribute');
        const type = section.u32('a type index');
        spaces.tags.push(resolveCoreExtern(section, offset, { kind: 'tag', type }, spaces.types));
      });
      break;
    default:
      return;
  }
  if (!section.atEnd) section.fail('section size mismatch: bytes are left after the last entry');
}

function readTableDefinition(section: Reader, spaces: Spaces): void {
  if (section.peek('a table') !== 0x40) {
    spaces.tables.push(readTableType(section));
    return;
  }
  section.byte('a table with an initialiser');
  section.expect(0, 'a reserved byte');
  spaces.tables.push(readTableType(section));
  skipConstantExpression(section);
}

function readGlobals(section: Reader, spaces: Spaces): void {
  section.vector('globals', () => {
    spaces.globals.push(readGlobalType(section));
    skipConstantExpression(section);
  });
}

/** Step over a constant expression; only the lengths of its immediates matter. */
function skipConstantExpression(reader: Reader): void {
  for (;;) {
    const start = reader.offset;
    const op = reader.byte('a constant expression');
    switch (op) {
      case 0x0b:
        return;
      case 0x41:
      case 0x23:
      case 0xd2:
        skipLeb(reader, 5);
        break;
      case 0x42:
        skipLeb(reader, 10);
        break;
      case 0x43:
        reader.slice(4, 'an f32');
        break;
      case 0x44:
        reader.slice(8, 'an f64');
        break;
      case 0xd0:
        skipLeb(reader, 5);
        break;
      case 0xfd:
        reader.u32('an opcode');
        reader.slice(16, 'a v128');
        break;
      case 0xfb:
        skipGcInstruction(reader, start);
        break;
      case 0x6a:
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break;
      default:
        reader.fail(`constant expression required: opcode 0x${hex(op)} is not constant`, start);
    }
  }
}

function skipGcInstruction(reader: Reader, start: number): void {
  const op = reader.u32('an opcode');
  if (op <= 1 || op === 6 || op === 7) reader.u32('a type index');
  else if (op === 8) {
    reader.u32('a type index');
    reader.u32('a length');
  } else if (op !== 26 && op !== 27 && op !== 28) {
    reader.fail(`constant expression required: opcode 0xfb ${op} is not constant`, start);
  }
}

function skipLeb(reader: Reader, longest: number): void {
  for (let i = 0; i < longest; i++) if (reader.byte('an immediate') < 0x80) return;
  reader.fail('integer too long: an immediate');
}

/** Put signatures in the place of type indices. */
export function resolveCoreExtern(
  reader: Reader,
  offset: number,
  extern: CoreExternSyntax,
  types: readonly (CoreFunctionType | undefined)[],
): CoreExternType {
  if (extern.kind !== 'func' && extern.kind !== 'tag') return extern as CoreExternType;
  if (extern.type >= types.length)
    reader.fail(`unknown type ${extern.type}: type index out of bounds`, offset);
  const type = types[extern.type];
  if (type === undefined) return reader.fail(`type ${extern.type} is not a function type`, offset);
  return extern.kind === 'func' ? type : { kind: 'tag', signature: type };
}

function spaceOf(spaces: Spaces, kind: CoreExternType['kind']): CoreExternType[] {
  switch (kind) {
    case 'func':
      return spaces.funcs;
    case 'table':
      return spaces.tables;
    case 'memory':
      return spaces.memories;
    case 'global':
      return spaces.globals;
    case 'tag':
      return spaces.tags;
  }
}
