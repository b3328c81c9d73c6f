/**
 * The two custom sections that V8 uses: names, so that stack traces show the right functions, and branch
 * hints. Both are advice: one that is malformed is left out, as engines do, and not an error.
 */
import { ModuleError } from './errors.ts';
import type { Reader } from './reader.ts';
import { Writer } from './writer.ts';

export const NAME_SECTION = 'name';
export const BRANCH_HINT_SECTION = 'metadata.code.branch_hint';

const FUNCTION_NAMES = 1;
const LABEL_NAMES = 3;
const MEMORY_NAMES = 6;

/**
 * The name section with the names of added functions, and memory indices shifted. Names of labels go:
 * a check is a block too, so they no longer count right.
 */
export function rewriteNames(
  reader: Reader,
  added: readonly { index: number; name: string }[],
  shiftMemory: (index: number) => number,
): Uint8Array | undefined {
  return advice(() => {
    const writer = new Writer(reader.end - reader.pos + 64);
    while (!reader.atEnd) {
      const id = reader.byte('a kind of names');
      const section = reader.slice(reader.u32('a size'), 'names');
      if (id === LABEL_NAMES) continue;
      writer.byte(id);
      if (id === FUNCTION_NAMES) {
        const body = new Writer(section.end - section.pos + 64);
        body.u32(section.u32('the number of names') + added.length);
        body.raw(section.bytes.subarray(section.pos, section.end));
        for (const { index, name } of added) body.u32(index).name(name);
        writer.u32(body.length).raw(body.written());
      } else if (id === MEMORY_NAMES) {
        const body = new Writer(section.end - section.pos + 16);
        body.u32(section.u32('the number of names'));
        while (!section.atEnd) body.u32(shiftMemory(section.u32('an index'))).name(section.name('a name'));
        writer.u32(body.length).raw(body.written());
      } else {
        writer.u32(section.end - section.pos).raw(section.bytes.subarray(section.pos, section.end));
      }
    }
    return writer.written();
  });
}

/** The hints of one function: where, in bytes from the start of its body, and what. */
export interface BranchHints {
  readonly offsets: number[];
  readonly values: readonly number[];
}

/** Branch hints by function index. */
export function readBranchHints(reader: Reader): Map<number, BranchHints> {
  const read = advice(() => {
    const hints = new Map<number, BranchHints>();
    const functions = reader.u32('the number of functions');
    for (let index = 0; index < functions; index++) {
      const functionIndex = reader.u32('a function index');
      const count = reader.u32('the number of hints');
      const offsets: number[] = [];
      const values: number[] = [];
      for (let hint = 0; hint < count; hint++) {
        offsets.push(reader.u32('an offset'));
        reader.byte('the size of a hint');
        values.push(reader.byte('a hint'));
      }
      hints.set(functionIndex, { offsets, values });
    }
    return hints;
  });
  return read ?? new Map();
}

/** The contents of the section. Offsets that the rewriting did not find are gone from `offsets`. */
export function writeBranchHints(hints: ReadonlyMap<number, BranchHints>): Uint8Array {
  const writer = new Writer(256);
  writer.u32(hints.size);
  for (const [functionIndex, { offsets, values }] of hints) {
    writer.u32(functionIndex).u32(offsets.length);
    for (const [index, offset] of offsets.entries()) writer.u32(offset).byte(1).byte(values[index]!);
  }
  return writer.written();
}

function advice<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ModuleError) return undefined;
    throw error;
  }
}
