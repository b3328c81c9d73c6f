/** Binaries by hand, for what no text format would write. */
import { leb, section, withSections } from './world.ts';

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
export const COMPONENT_HEADER: readonly number[] = [...MAGIC, 0x0d, 0x00, 0x01, 0x00];
export const CORE_HEADER: readonly number[] = [...MAGIC, 0x01, 0x00, 0x00, 0x00];

export function component(...sections: Uint8Array[]): Uint8Array {
  return Buffer.concat([Uint8Array.from(COMPONENT_HEADER), ...sections]);
}

export function core(...sections: Uint8Array[]): Uint8Array {
  return Buffer.concat([Uint8Array.from(CORE_HEADER), ...sections]);
}

export function text(value: string): number[] {
  const bytes = Buffer.from(value);
  return [...leb(bytes.length), ...bytes];
}

/** A custom section. */
export function custom(name: string, content: Uint8Array): Uint8Array {
  return section(0, text(name), content);
}

/** Sections of a core module that hold a vector. */
export const TYPE_SECTION = 1;
export const FUNCTION_SECTION = 3;
export const GLOBAL_SECTION = 6;
export const CODE_SECTION = 10;

/** `module` with `count` further entries in its section `id`, which it has, and whose vector is shorter than 128. */
export function withEntries(module: Uint8Array, id: number, count: number, entries: Uint8Array): Uint8Array {
  return withSections(module, id, [(content) => [leb(content[0]! + count), content.subarray(1), entries]]);
}

/** `module` with further functions without parameters and results; their type is added. `bodies` are all of them. */
export function withFunctions(module: Uint8Array, count: number, bodies: Uint8Array): Uint8Array {
  const types = vectorLength(module, TYPE_SECTION);
  const typed = withEntries(module, TYPE_SECTION, 1, Uint8Array.of(0x60, 0, 0));
  const declared = withEntries(typed, FUNCTION_SECTION, count, Buffer.alloc(count, types));
  return withEntries(declared, CODE_SECTION, count, bodies);
}

/** The body of a function: its size, no locals, `instructions` and their end. */
export function body(instructions: Uint8Array): Uint8Array {
  return Buffer.concat([
    Uint8Array.from(leb(instructions.length + 2)),
    Uint8Array.of(0),
    instructions,
    Uint8Array.of(0x0b),
  ]);
}

function vectorLength(module: Uint8Array, id: number): number {
  let length = 0;
  withSections(module, id, [
    (content) => {
      length = content[0]!;
      return [content];
    },
  ]);
  return length;
}
