/**
 * What a batch must be changed in, as a list in ascending order of place, and the rewriting itself: one
 * pass that copies what lies between the edits.
 *
 * An edit replaces `size` bytes at `at`, either by a mask or by a length as a varint. The length of a
 * field stands in front of what decides it, so the walker opens an edit for it first and closes it when
 * the field's contents are known; one that turns out not to be needed is given back.
 */
import { varintSize, writeVarint } from './varint';

/** at: u32, size: u32, value: u32. */
const EDIT_SIZE: usize = 12;
const EDITS_AT_FIRST: usize = 256;

/** Set in `value` when it is the number of a mask and not a length. */
const MASK: u32 = 0x80000000;

let base: usize = 0;
let top: usize = 0;
let limit: usize = 0;

/** Where each mask stands, and its bytes, by number. */
const masks = memory.data(3 * 8);

/** Make the mask `kind` the text `utf8`. */
export function setMask(kind: u32, utf8: ArrayBuffer): void {
  const size = utf8.byteLength;
  const copy = heap.alloc(size);
  memory.copy(copy, changetype<usize>(utf8), size);
  const entry = masks + kind * 8;
  if (load<u32>(entry) != 0) heap.free(load<u32>(entry));
  store<u32>(entry, <u32>copy);
  store<u32>(entry, <u32>size, 4);
}

/** Forget all edits. */
export function clear(): void {
  top = base;
}

export function none(): bool {
  return top == base;
}

/** Open the edit of a length; returns its handle. */
export function open(): usize {
  const handle = top - base;
  claim();
  return handle;
}

/** Whether anything was edited since `handle` was opened; if not, that edit is given back. */
export function holds(handle: usize): bool {
  if (top - base != handle + EDIT_SIZE) return true;
  top -= EDIT_SIZE;
  return false;
}

/** Replace the varint of `size` bytes at `at` by `length`. Returns by how much the output grows. */
export function close(handle: usize, at: usize, size: usize, length: u32): i32 {
  write(base + handle, at, size, length);
  return varintSize(length) - <i32>size;
}

/** Replace `size` bytes at `at` by the mask `kind`. Returns by how much the output grows. */
export function mask(at: usize, size: usize, kind: u32): i32 {
  claim();
  write(top - EDIT_SIZE, at, size, kind | MASK);
  return load<i32>(masks + kind * 8, 4) - <i32>size;
}

/** Write the batch at `[from, end)`, edited, to `to`, where there must be room for all of it. */
export function rewrite(from: usize, end: usize, to: usize): void {
  for (let edit = base; edit < top; edit += EDIT_SIZE) {
    const at = <usize>load<u32>(edit);
    const value = load<u32>(edit, 8);
    memory.copy(to, from, at - from);
    to += at - from;
    from = at + <usize>load<u32>(edit, 4);
    if (value & MASK) {
      const entry = masks + (value & ~MASK) * 8;
      const size = <usize>load<u32>(entry, 4);
      memory.copy(to, load<u32>(entry), size);
      to += size;
    } else {
      to = writeVarint(to, value);
    }
  }
  memory.copy(to, from, end - from);
}

function claim(): void {
  if (top == limit) grow();
  top += EDIT_SIZE;
}

function grow(): void {
  const used = top - base;
  const size = base == 0 ? EDITS_AT_FIRST * EDIT_SIZE : used * 2;
  const larger = heap.alloc(size);
  memory.copy(larger, base, used);
  if (base != 0) heap.free(base);
  base = larger;
  top = larger + used;
  limit = larger + size;
}

function write(edit: usize, at: usize, size: usize, value: u32): void {
  store<u32>(edit, <u32>at);
  store<u32>(edit, <u32>size, 4);
  store<u32>(edit, value, 8);
}
