/**
 * The framing of a core module: its sections, and a module with one of them replaced. What a section
 * holds is left to whoever rewrites it.
 * Source: WebAssembly core specification, "Binary Format", "Modules".
 */
import { WeirError } from '../errors.ts';
import { sandboxErrors } from './errors.ts';

export const FUNCTION_SECTION = 3;
export const TABLE_SECTION = 4;
export const MEMORY_SECTION = 5;
export const GLOBAL_SECTION = 6;

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

export interface Section {
  readonly id: number;
  /** Where the section begins: its id byte. */
  readonly start: number;
  /** Its contents, without id and size. */
  readonly body: Uint8Array;
  /** Where the next section begins. */
  readonly end: number;
}

/** The sections of a core module, in order. @throws WeirError `WEIR_SANDBOX_CORE_MODULE` */
export function sectionsOf(module: Uint8Array): Section[] {
  if (PREAMBLE.some((byte, index) => module[index] !== byte)) throw malformed('it does not begin as one', 0);
  const sections: Section[] = [];
  const reader = new ByteReader(module, PREAMBLE.length);
  while (!reader.done) {
    const start = reader.at;
    const id = reader.byte();
    const body = reader.take(reader.u32());
    sections.push({ id, start, body, end: reader.at });
  }
  return sections;
}

/** How many entries the section `id` of a core module says that it has: what the module itself defines. */
export function countEntries(module: Uint8Array, id: number): number {
  const section = sectionsOf(module).find((one) => one.id === id);
  return section === undefined ? 0 : new ByteReader(section.body).u32();
}

/** `module` with the contents of `section` replaced, as a new array. */
export function replaceSection(module: Uint8Array, section: Section, body: readonly number[]): Uint8Array {
  const head = [section.id, ...leb(BigInt(body.length))];
  const out = new Uint8Array(module.length - (section.end - section.start) + head.length + body.length);
  out.set(module.subarray(0, section.start));
  out.set(head, section.start);
  out.set(body, section.start + head.length);
  out.set(module.subarray(section.end), section.start + head.length + body.length);
  return out;
}

/** Reads bytes and LEB128 numbers, never past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw malformed('it ends too early', this.at);
    this.at++;
    return byte;
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.#bytes.length)
      throw malformed('a section is longer than the module', this.at);
    const taken = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }

  u32(): number {
    return Number(this.unsigned(32));
  }

  /** An unsigned LEB128 number of at most `bits` bits. */
  unsigned(bits: 32 | 64): bigint {
    const start = this.at;
    let value = 0n;
    for (let shift = 0n; shift < BigInt(bits); shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value >> BigInt(bits) !== 0n) break;
        return value;
      }
    }
    throw malformed(`a number has more than ${bits} bits`, start);
  }
}

/** `value` as unsigned LEB128. */
export function leb(value: bigint): number[] {
  const out: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return [...out, Number(rest)];
    out.push(Number(rest & 0x7fn) | 0x80);
  }
}

export function malformed(why: string, offset: number): WeirError {
  return new WeirError(
    sandboxErrors.WEIR_SANDBOX_CORE_MODULE,
    `a core module of the component cannot be read: ${why} (at byte ${offset} of the module)`,
    { hint: 'build the component again' },
  );
}
