/**
 * A component binary → `ComponentSyntax`. Sections, definitions, nested components: Binary.md.
 * Says nothing about what indices mean; that is validation's part.
 */
import { DecodeError, UnsupportedError } from '../errors.ts';
import { readCanon } from './canon.ts';
import { readCoreModule } from './core-module.ts';
import { hex, Reader } from './reader.ts';
import type {
  ComponentSyntax,
  CoreSort,
  Definition,
  ExternTypeSyntax,
  NamedSortIndex,
  SortIndex,
} from './syntax.ts';
import {
  readAlias,
  readCoreSort,
  readCoreType,
  readExternName,
  readExternType,
  readImport,
  readSort,
  readType,
} from './types.ts';

/** Components may nest this deep. */
const maxNesting = 100;

const magic = [0x00, 0x61, 0x73, 0x6d];

/**
 * Decode a component binary.
 * @throws DecodeError where the bytes are not one, with the offset
 * @throws UnsupportedError where they use a feature that cannot be represented
 */
export function decodeComponent(bytes: Uint8Array): ComponentSyntax {
  return readComponent(new Reader(bytes), 0);
}

function readComponent(reader: Reader, depth: number): ComponentSyntax {
  const offset = reader.offset;
  if (depth > maxNesting) reader.fail(`components nest deeper than ${maxNesting}`);
  readPreamble(reader);
  const definitions: Definition[] = [];
  let name: string | undefined;
  while (!reader.atEnd) {
    const start = reader.offset;
    const id = reader.byte('a section id');
    const section = reader.slice(reader.u32('a section length'), 'a section');
    if (id === 0) {
      if (section.name('a custom section name') === 'component-name') name ??= readComponentName(section);
      continue;
    }
    readSection(id, start, section, definitions, depth);
    if (!section.atEnd) section.fail('section size mismatch: unexpected content after the last entry');
  }
  return { offset, byteLength: reader.end - offset, definitions, name };
}

function readPreamble(reader: Reader): void {
  const start = reader.offset;
  for (const byte of magic) {
    if (reader.atEnd || reader.bytes[reader.offset] !== byte) {
      reader.fail('not a WebAssembly binary: magic header not detected', start);
    }
    reader.offset++;
  }
  const version = reader.byte('a version') | (reader.byte('a version') << 8);
  const layer = reader.byte('a layer') | (reader.byte('a layer') << 8);
  if (layer === 0) {
    const hint = 'make a component of it first (`weir build` or componentNew)';
    throw new DecodeError(`expected a component, found a core module; ${hint}`, start + 4);
  }
  if (layer !== 1) throw new DecodeError(`unknown layer ${layer}: expected 1 (a component)`, start + 6);
  if (version !== 0x0d) {
    throw new DecodeError(`unknown component version 0x${hex(version)}: expected 0x0d`, start + 4);
  }
}

function readSection(id: number, start: number, section: Reader, into: Definition[], depth: number): void {
  const each = (what: string, read: (offset: number) => Definition) =>
    section.vector(what, () => into.push(read(section.offset)));
  switch (id) {
    case 1: {
      const bytes = section.bytes.subarray(section.offset, section.end);
      const offset = section.offset;
      into.push({ kind: 'core module', offset, bytes, signature: readCoreModule(section) });
      section.offset = section.end;
      return;
    }
    case 2:
      each('core instances', (offset) => readCoreInstance(section, offset));
      return;
    case 3:
      each('core types', (offset) => ({ kind: 'core type', offset, type: readCoreType(section, 0) }));
      return;
    case 4:
      into.push({ kind: 'component', offset: section.offset, component: readComponent(section, depth + 1) });
      return;
    case 5:
      each('instances', (offset) => readInstance(section, offset));
      return;
    case 6:
      each('aliases', () => readAlias(section));
      return;
    case 7:
      each('types', (offset) => ({ kind: 'type', offset, type: readType(section, 0) }));
      return;
    case 8:
      each('canonical definitions', (offset) => ({ kind: 'canon', offset, canon: readCanon(section) }));
      return;
    case 9:
      throw new UnsupportedError('component start functions', `a start section at byte ${start}`);
    case 10:
      each('imports', (offset) => readImport(section, offset));
      return;
    case 11:
      each('exports', (offset) => readExport(section, offset));
      return;
    case 12:
      throw new UnsupportedError('value definitions', `a value section at byte ${start}`);
    default:
      section.fail(`malformed section id: unknown section 0x${hex(id)}`, start);
  }
}

function readCoreInstance(reader: Reader, offset: number): Definition {
  const form = reader.byte('a core instance');
  if (form === 0) {
    const module = reader.u32('a module index');
    const args = reader.vector('instantiation arguments', () => {
      const name = reader.name('an argument name');
      reader.expect(0x12, 'a core instance');
      return { name, instance: reader.u32('a core instance index') };
    });
    return { kind: 'core instantiate', offset, module, args };
  }
  if (form !== 1) reader.fail(`invalid leading byte 0x${hex(form)} for a core instance`, offset);
  const exports = reader.vector('exports', () => {
    const name = reader.name('an export name');
    const sort: CoreSort = readCoreSort(reader);
    return { name, sort, index: reader.u32('an index') };
  });
  return { kind: 'core bundle', offset, exports };
}

function readSortIndex(reader: Reader): SortIndex {
  return { sort: readSort(reader), index: reader.u32('an index') };
}

function readInstance(reader: Reader, offset: number): Definition {
  const form = reader.byte('an instance');
  if (form === 0) {
    const component = reader.u32('a component index');
    const args = reader.vector(
      'instantiation arguments',
      (): NamedSortIndex => ({ name: reader.name('an argument name'), ...readSortIndex(reader) }),
    );
    return { kind: 'instantiate', offset, component, args };
  }
  if (form !== 1) reader.fail(`invalid leading byte 0x${hex(form)} for an instance`, offset);
  const exports = reader.vector('exports', () => ({ ...readExternName(reader), ...readSortIndex(reader) }));
  return { kind: 'bundle', offset, exports };
}

function readExport(reader: Reader, offset: number): Definition {
  const named = readExternName(reader);
  const item = readSortIndex(reader);
  const ascribed: ExternTypeSyntax | undefined = reader.optional('type', () => readExternType(reader));
  return { kind: 'export', offset, ...named, item, ascribed };
}

/** The component's own name in its name section; a name section that makes no sense is ignored. */
function readComponentName(section: Reader): string | undefined {
  try {
    while (!section.atEnd) {
      const id = section.byte('a name subsection');
      const part = section.slice(section.u32('a length'), 'a name subsection');
      if (id === 0) return part.name('the component name');
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return undefined;
}
