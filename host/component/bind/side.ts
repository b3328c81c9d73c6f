/**
 * One side of a call: the guest whose memory and handles values are lifted from or lowered into,
 * with its canonical options resolved to live things.
 */
import type { StringEncoding } from '../decode/syntax.ts';
import { trap } from '../run/fault.ts';
import type { ComponentInstance } from '../run/instance.ts';
import { plainStack } from '../run/plain-stack.ts';
import type { HandleFace } from '../run/resource.ts';
import type { ResourceType } from '../types.ts';
import type { Memory, Realloc } from './memory.ts';

export interface Side {
  readonly instance: ComponentInstance;
  readonly encoding: StringEncoding;
  /** Absent when the types that cross need none. */
  readonly memory: Memory | undefined;
  readonly realloc: Realloc | undefined;
  /** Who is at the other end. Between guests a map stays the list that it is, its order and doubles too. */
  readonly towards: 'host' | 'guest';
  /** How handles of a resource cross this side. */
  readonly face: (resource: ResourceType) => HandleFace;
}

/**
 * A guest's `realloc` as lowering wants it: a task of its own, no leaving while it runs, the views of memory fresh
 * after it, its answer aligned and in bounds.
 */
export function guardedRealloc(
  realloc: (old: number, oldSize: number, align: number, size: number) => number,
  memory: Memory,
  instance: ComponentInstance,
): Realloc {
  return (old, oldSize, align, size) => {
    const { task } = instance;
    instance.task = undefined;
    instance.mayLeave = false;
    plainStack[0]!++;
    let pointer: number;
    try {
      pointer = realloc(old, oldSize, align, size) >>> 0;
    } finally {
      // Of the whole thread: a trap here must not leave it as if a plain call were still on the stack.
      plainStack[0]!--;
    }
    instance.mayLeave = true;
    instance.task = task;
    if (memory.u8.length === 0) memory.refresh();
    if (pointer % align !== 0) trap('bad-realloc', 'realloc return: result not aligned (unaligned pointer)');
    if (pointer + size > memory.u8.length) {
      trap('bad-realloc', 'realloc return: beyond end of memory (list content out-of-bounds)');
    }
    return pointer;
  };
}
