/** The sections of a core module: finding them, and putting a module together again from old and new ones. */
import { malformed } from './errors.ts';
import { BRANCH_HINT_SECTION, NAME_SECTION } from './names.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

export const Section = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** The order in which sections stand. */
const ORDER: readonly number[] = [
  Section.type,
  Section.import,
  Section.function,
  Section.table,
  Section.memory,
  Section.tag,
  Section.global,
  Section.export,
  Section.start,
  Section.element,
  Section.dataCount,
  Section.code,
  Section.data,
];

const HEADER = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

/** Where a section's contents are: `[start, end)`. */
interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Sections {
  readonly known: ReadonlyMap<number, Span>;
  readonly names: Reader | undefined;
  readonly branchHints: Reader | undefined;
}

/** @throws ModuleError when the bytes are not a core module, or sections are unknown, double or out of order */
export function readSections(module: Uint8Array): Sections {
  const reader = new Reader(module);
  if (module.length < 8 || HEADER.some((byte, index) => module[index] !== byte)) {
    throw malformed('not a core module: it does not start with "\\0asm" and version 1', 0);
  }
  reader.pos = 8;
  const known = new Map<number, Span>();
  let names: Reader | undefined;
  let branchHints: Reader | undefined;
  let last = -1;
  while (!reader.atEnd) {
    const offset = reader.pos;
    const id = reader.byte('a section');
    const contents = reader.slice(reader.u32('the size of a section'), 'a section');
    if (id === Section.custom) {
      const name = contents.name('the name of a custom section');
      if (name === NAME_SECTION) names = contents;
      else if (name === BRANCH_HINT_SECTION) branchHints = contents;
      continue;
    }
    const rank = ORDER.indexOf(id);
    if (rank < 0) throw malformed(`unknown section ${id}`, offset);
    if (rank <= last) throw malformed(`section ${id} is out of order or there twice`, offset);
    last = rank;
    known.set(id, { start: contents.pos, end: contents.end });
  }
  return { known, names, branchHints };
}

/** A module that is being put together: the sections of the old one, but for those that were set. */
export class Assembly {
  names: Uint8Array | undefined;
  branchHints: Uint8Array | undefined;
  readonly #module: Uint8Array;
  readonly #sections: Sections;
  readonly #changed = new Map<number, readonly Uint8Array[]>();
  readonly #added = new Map<number, { count: number; entries: Uint8Array[] }>();

  constructor(module: Uint8Array, sections: Sections) {
    this.#module = module;
    this.#sections = sections;
  }

  /** Give a section new contents, in parts. */
  set(id: number, parts: readonly Uint8Array[]): void {
    this.#changed.set(id, parts);
  }

  /** Add `count` entries to the end of a section that is a vector, or make such a section. */
  extend(id: number, count: number, entries: Uint8Array): void {
    if (count === 0) return;
    const added = this.#added.get(id) ?? { count: 0, entries: [] };
    added.count += count;
    added.entries.push(entries);
    this.#added.set(id, added);
    const old = this.#reader(id);
    const oldCount = old?.u32('the number of entries') ?? 0;
    const rest = old === undefined ? new Uint8Array() : this.#module.subarray(old.pos, old.end);
    this.set(id, [new Writer(5).u32(oldCount + added.count).written(), rest, ...added.entries]);
  }

  /** Give a section new contents if there is one. */
  replace(id: number, rewrite: (reader: Reader) => Uint8Array): void {
    const old = this.#reader(id);
    if (old !== undefined) this.set(id, [rewrite(old)]);
  }

  assemble(): Uint8Array {
    const parts: Uint8Array[] = [HEADER];
    for (const id of ORDER) {
      if (id === Section.code && this.branchHints !== undefined) {
        parts.push(...section(Section.custom, [customName(BRANCH_HINT_SECTION), this.branchHints]));
      }
      const span = this.#sections.known.get(id);
      const contents = this.#changed.get(id) ?? (span && [this.#module.subarray(span.start, span.end)]);
      if (contents !== undefined) parts.push(...section(id, contents));
    }
    if (this.names !== undefined)
      parts.push(...section(Section.custom, [customName(NAME_SECTION), this.names]));
    const writer = new Writer(parts.reduce((sum, part) => sum + part.length, 0));
    for (const part of parts) writer.raw(part);
    return writer.bytes;
  }

  #reader(id: number): Reader | undefined {
    const span = this.#sections.known.get(id);
    return span === undefined ? undefined : new Reader(this.#module, span.start, span.end);
  }
}

function section(id: number, contents: readonly Uint8Array[]): Uint8Array[] {
  const size = contents.reduce((sum, part) => sum + part.length, 0);
  return [new Writer(6).byte(id).u32(size).written(), ...contents];
}

function customName(name: string): Uint8Array {
  return new Writer().name(name).written();
}
