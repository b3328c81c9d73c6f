/**
 * Strings in linear memory, in the three encodings of the canonical ABI. JavaScript strings are
 * UTF-16 and may hold lone surrogates, which no encoding of the ABI can carry: lowering puts U+FFFD
 * in their place, as TextEncoder does; lifting traps on them.
 */
import type { StringEncoding } from '../decode/syntax.ts';
import { trap } from '../run/fault.ts';
import type { Memory, Realloc } from './memory.ts';
import { wrong } from './values.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Shorter strings are decoded here; for longer ones the call out pays. */
const shortString = 48;
/** The bit of a length in `latin1+utf16` that says UTF-16. */
const utf16Tag = 0x80000000;

export function liftString(
  memory: Memory,
  encoding: StringEncoding,
  pointer: number,
  length: number,
): string {
  switch (encoding) {
    case 'utf8':
      return liftUtf8(memory, pointer, length);
    case 'utf16':
      return liftUtf16(memory, pointer, length);
    case 'latin1+utf16':
      if (length >= utf16Tag) return liftUtf16(memory, pointer, length - utf16Tag);
      return liftLatin1(memory, pointer, length);
  }
}

function checkRange(memory: Memory, pointer: number, size: number, align: number): void {
  if (align === 2 && pointer & 1)
    trap('unaligned-pointer', 'string pointer not aligned to 2: unaligned pointer');
  if (pointer + size > memory.u8.length) {
    trap('out-of-bounds', 'string pointer/length out of bounds of memory: string content out-of-bounds');
  }
  memory.checkTransfer(size, 'string');
  memory.charge(2 * size);
}

/** `pointer` and `length` unsigned. */
export function liftUtf8(memory: Memory, pointer: number, length: number): string {
  const bytes = memory.u8;
  const end = pointer + length;
  if (end > bytes.length || length > memory.transferBytes) checkRange(memory, pointer, length, 1);
  // As if in UTF-16: one character beyond Latin-1 makes it so.
  memory.charge(2 * length);
  if (length <= shortString) return liftShortAscii(bytes, pointer, end) ?? liftLongUtf8(bytes, pointer, end);
  return liftLongUtf8(bytes, pointer, end);
}

/** Eight characters at a time; undefined when one is not ASCII. Making one string of many is what costs. */
function liftShortAscii(bytes: Uint8Array, pointer: number, end: number): string | undefined {
  let text = '';
  let at = pointer;
  for (; end - at >= 8; at += 8) {
    const a = bytes[at]!;
    const b = bytes[at + 1]!;
    const c = bytes[at + 2]!;
    const d = bytes[at + 3]!;
    const e = bytes[at + 4]!;
    const f = bytes[at + 5]!;
    const g = bytes[at + 6]!;
    const h = bytes[at + 7]!;
    if ((a | b | c | d | e | f | g | h) > 0x7f) return undefined;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  if (end - at >= 4) {
    const a = bytes[at]!;
    const b = bytes[at + 1]!;
    const c = bytes[at + 2]!;
    const d = bytes[at + 3]!;
    if ((a | b | c | d) > 0x7f) return undefined;
    text += String.fromCharCode(a, b, c, d);
    at += 4;
  }
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function liftLongUtf8(bytes: Uint8Array, pointer: number, end: number): string {
  const text = utf8Slice.call(bytes, pointer, end);
  // Decoding that forgives puts U+FFFD for what is malformed; whether it was there by right, the strict decoder tells.
  if (text.includes('\ufffd')) return decodeStrictly(bytes.subarray(pointer, end));
  return text;
}

const utf8Slice = (
  Buffer.prototype as unknown as { utf8Slice(this: Uint8Array, start: number, end: number): string }
).utf8Slice;
const latin1Slice = (
  Buffer.prototype as unknown as { latin1Slice(this: Uint8Array, start: number, end: number): string }
).latin1Slice;
const ucs2Slice = (
  Buffer.prototype as unknown as { ucs2Slice(this: Uint8Array, start: number, end: number): string }
).ucs2Slice;

function decodeStrictly(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return trap('invalid-string', `invalid utf-8: ${utf8Fault(bytes)}`);
  }
}

/** The words that tools use: is the text cut off, or wrong in itself? */
function utf8Fault(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8').decode(bytes);
  const tail = new TextDecoder('utf-8').decode(bytes, { stream: true });
  return text.length > tail.length && !tail.includes('\ufffd')
    ? 'incomplete utf-8 byte sequence'
    : 'invalid utf-8 sequence';
}

function liftUtf16(memory: Memory, pointer: number, units: number): string {
  checkRange(memory, pointer, units * 2, 2);
  const text = ucs2Slice.call(memory.u8, pointer, pointer + units * 2);
  if (!text.isWellFormed()) trap('invalid-string', 'invalid utf-16: unpaired surrogate found');
  return text;
}

function liftLatin1(memory: Memory, pointer: number, length: number): string {
  checkRange(memory, pointer, length, 2);
  return latin1Slice.call(memory.u8, pointer, pointer + length);
}

/** Where a lowered string or list went; valid until the next lowering. */
export interface Region {
  pointer: number;
  /** Code units, tagged where the encoding says so; or elements. */
  length: number;
}

/** Lower `text`, allocating with `realloc`. */
export function lowerString(
  memory: Memory,
  realloc: Realloc,
  encoding: StringEncoding,
  text: string,
  into: Region,
): void {
  switch (encoding) {
    case 'utf8':
      lowerUtf8(memory, realloc, text, into);
      return;
    case 'utf16':
      lowerUtf16(memory, realloc, text, into, 0);
      return;
    case 'latin1+utf16':
      if (isLatin1(text)) lowerLatin1(memory, realloc, text, into);
      else lowerUtf16(memory, realloc, text, into, utf16Tag);
  }
}

/** Longer strings are encoded by the platform at once. */
const shortLowered = 64;

export function lowerUtf8(memory: Memory, realloc: Realloc, text: string, into: Region): void {
  const units = text.length;
  if (units <= shortLowered) {
    checkLowered(memory, text, units);
    const pointer = realloc(0, 0, 1, units);
    const bytes = memory.u8;
    let i = 0;
    for (; i < units; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) break;
      bytes[pointer + i] = unit;
    }
    into.pointer = pointer;
    into.length = units;
    if (i < units) lowerRest(memory, realloc, text, into, pointer);
    return;
  }
  // Most text is ASCII: as many bytes as code units. Only encoding tells, and it says how far it came.
  checkLowered(memory, text, units);
  const pointer = realloc(0, 0, 1, units);
  into.pointer = pointer;
  into.length = units;
  const { read } = encoder.encodeInto(text, memory.u8.subarray(pointer, pointer + units));
  if (read < units) lowerRest(memory, realloc, text, into, pointer);
}

/** A string turned out not to be ASCII: the same block, larger. */
function lowerRest(memory: Memory, realloc: Realloc, text: string, into: Region, old: number): void {
  const size = Buffer.byteLength(text, 'utf8');
  checkLowered(memory, text, size);
  const pointer = realloc(old, text.length, 1, size);
  encoder.encodeInto(text, memory.u8.subarray(pointer, pointer + size));
  into.pointer = pointer;
  into.length = size;
}

function lowerUtf16(memory: Memory, realloc: Realloc, text: string, into: Region, tag: number): void {
  const wellFormed = text.toWellFormed();
  const units = wellFormed.length;
  checkLowered(memory, text, units * 2);
  const pointer = realloc(0, 0, 2, units * 2);
  const view = memory.u16;
  for (let i = 0, at = pointer >>> 1; i < units; i++, at++) view[at] = wellFormed.charCodeAt(i);
  into.pointer = pointer;
  into.length = units + tag;
}

function lowerLatin1(memory: Memory, realloc: Realloc, text: string, into: Region): void {
  checkLowered(memory, text, text.length);
  const pointer = realloc(0, 0, 2, text.length);
  const bytes = memory.u8;
  for (let i = 0; i < text.length; i++) bytes[pointer + i] = text.charCodeAt(i);
  into.pointer = pointer;
  into.length = text.length;
}

/** Too long a string is the caller's mistake, not the guest's. */
function checkLowered(memory: Memory, text: string, size: number): void {
  if (size > memory.transferBytes) wrong(`a string of at most ${memory.transferBytes} bytes`, text);
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
  return true;
}
