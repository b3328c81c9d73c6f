/**
 * The memory limit: the maximum of each memory that a core module defines is lowered, so that V8
 * itself refuses to grow past it (`memory.grow` then answers −1, which guests know how to take).
 *
 * - A memory never gets more than it asked for, and imported memories are left alone: what a module
 *   imports was defined, and capped, in another module of the component.
 * - A memory that starts above its cap is an error here, before anything runs.
 */
import { WeirError } from '../errors.ts';
import {
  ByteReader,
  countEntries,
  leb,
  MEMORY_SECTION,
  malformed,
  replaceSection,
  sectionsOf,
} from './core-module.ts';
import { sandboxErrors } from './errors.ts';

/** Bytes of a page, unless a memory says otherwise. */
const PAGE_BYTES = 65_536;

const HAS_MAXIMUM = 0x01;
const IS_64_BIT = 0x04;
const HAS_PAGE_SIZE = 0x08;
const KNOWN_FLAGS = 0x0f;

/** One entry of a memory section. Sizes in pages. */
interface MemoryType {
  readonly flags: number;
  readonly minimum: bigint;
  readonly maximum: bigint | undefined;
  /** log₂ of the page size, where the memory gives one. */
  readonly pageSizeLog2: number | undefined;
}

/** How many memories a core module defines. @throws WeirError `WEIR_SANDBOX_CORE_MODULE` */
export function countMemories(module: Uint8Array): number {
  return countEntries(module, MEMORY_SECTION);
}

/**
 * `module` with the maximum of every memory that it defines lowered to its share of `limitBytes`, or
 * `module` itself when it defines none. `memories` is how many share the limit.
 * @throws WeirError `WEIR_SANDBOX_MEMORY_LIMIT`, `WEIR_SANDBOX_CORE_MODULE`
 */
export function capMemories(module: Uint8Array, limitBytes: number, memories = 1): Uint8Array {
  const section = sectionsOf(module).find((s) => s.id === MEMORY_SECTION);
  if (section === undefined) return module;
  const reader = new ByteReader(section.body);
  const count = reader.u32();
  const body = leb(BigInt(count));
  for (let i = 0; i < count; i++)
    body.push(...encode(capped(decode(reader), limitBytes / memories, memories)));
  if (!reader.done) throw malformed('its memory section holds more than it counts', section.start);
  return replaceSection(module, section, body);
}

function capped(memory: MemoryType, shareBytes: number, memories: number): MemoryType {
  const pageBytes = memory.pageSizeLog2 === undefined ? PAGE_BYTES : 2 ** memory.pageSizeLog2;
  const cap = BigInt(Math.floor(shareBytes / pageBytes));
  if (memory.minimum > cap) {
    const needed = Number(memory.minimum) * pageBytes;
    throw new WeirError(
      sandboxErrors.WEIR_SANDBOX_MEMORY_LIMIT,
      memories === 1
        ? `the component starts with ${mebibytes(needed)} of memory; its limit is ${mebibytes(shareBytes)}`
        : `one of the component’s ${memories} memories starts with ${mebibytes(needed)}; its share of the limit is ${mebibytes(shareBytes)}`,
      { hint: `raise \`limits: { memory: … }\` to at least ${mebibytes(needed * memories)}` },
    );
  }
  const maximum = memory.maximum === undefined || memory.maximum > cap ? cap : memory.maximum;
  return { ...memory, flags: memory.flags | HAS_MAXIMUM, maximum };
}

function decode(reader: ByteReader): MemoryType {
  const start = reader.at;
  const flags = reader.byte();
  if ((flags & ~KNOWN_FLAGS) !== 0)
    throw malformed(`a memory has unknown flags 0x${flags.toString(16)}`, start);
  const bits = flags & IS_64_BIT ? 64 : 32;
  const minimum = reader.unsigned(bits);
  const maximum = flags & HAS_MAXIMUM ? reader.unsigned(bits) : undefined;
  const pageSizeLog2 = flags & HAS_PAGE_SIZE ? reader.u32() : undefined;
  if (pageSizeLog2 !== undefined && pageSizeLog2 > 16) throw malformed('a memory has too large pages', start);
  return { flags, minimum, maximum, pageSizeLog2 };
}

function encode(memory: MemoryType): number[] {
  const out = [memory.flags, ...leb(memory.minimum)];
  if (memory.maximum !== undefined) out.push(...leb(memory.maximum));
  if (memory.pageSizeLog2 !== undefined) out.push(...leb(BigInt(memory.pageSizeLog2)));
  return out;
}

function mebibytes(bytes: number): string {
  const value = bytes / 2 ** 20;
  return `${Number.isInteger(value) ? value : value.toFixed(2)} MiB`;
}
