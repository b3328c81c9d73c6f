/** Binaries by hand, for what no text format would write. */
import { leb, section } from './world.ts';

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
