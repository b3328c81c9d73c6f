/**
 * Walks a message in the protobuf wire format and has every text in it masked; enters an edit for each
 * length that changes. Reads each byte of structure once and builds nothing. What is malformed is
 * refused, with the place; nothing is read outside of the message.
 */
import { close, holds, open } from './edits';
import {
  ATTRIBUTE,
  actionOfWireType,
  actionsOf,
  BYTES,
  FIXED32,
  FIXED64,
  MALFORMED,
  MESSAGE,
  TEXT,
  VARINT,
} from './otlp';
import { DEPTH_MAX, noteProblem, Problem } from './problem';
import { likelyKinds, maskText } from './text';
import { afterVarint, BAD, readVarint, skipVarint } from './varint';

/** What `walk` returns for a message that it refuses. No growth is as large. */
export const REFUSED: i32 = i32.MIN_VALUE;

/** `KeyValue.key`, `KeyValue.value`, `AnyValue.string_value`. */
const KEY_TAG: u8 = 0x0a;
const VALUE_TAG: u8 = 0x12;
const STRING_TAG: u8 = 0x0a;

/** The largest field number, and wire type, of a tag. */
const TAG_MAX: u64 = u32.MAX_VALUE;

/** Walk the message of `shape` at `[p, end)`. Returns by how much it grows, or REFUSED. */
export function walk(p: usize, end: usize, shape: u32, depth: i32): i32 {
  if (depth > DEPTH_MAX) return refuse(Problem.TooDeep, p);
  const actions = actionsOf(shape);
  let growth = 0;
  while (p < end) {
    const tagAt = p;
    let tag: u32 = load<u8>(p++);
    let action: u32;
    if (tag < 0x80) {
      action = load<u8>(actions + tag);
    } else {
      const long = readVarint(tagAt, end);
      if (long > TAG_MAX) return refuse(Problem.Tag, tagAt);
      p = afterVarint();
      tag = <u32>long;
      // A tag may be written with more bytes than it needs.
      action = tag < 0x80 ? load<u8>(actions + tag) : actionOfWireType(tag);
    }

    if (action >= BYTES) {
      const lengthAt = p;
      if (p >= end) return refuse(Problem.CutOff, tagAt);
      let length: usize = load<u8>(p++);
      if (length >= 0x80) {
        const long = readVarint(lengthAt, end);
        if (long == BAD) return refuse(Problem.Varint, lengthAt);
        p = afterVarint();
        if (long > <u64>(end - p)) return refuse(Problem.CutOff, tagAt);
        length = <usize>long;
      } else if (length > end - p) {
        return refuse(Problem.CutOff, tagAt);
      }
      const fieldEnd = p + length;
      const kinds = action == TEXT ? likelyKinds(p, fieldEnd) : 0;
      if (
        kinds != 0 ||
        (action >= MESSAGE &&
          !(action == ATTRIBUTE && depth + 2 <= DEPTH_MAX && isPlainAttribute(p, fieldEnd)))
      ) {
        const edit = open();
        const inner =
          kinds != 0 ? maskText(p, fieldEnd, kinds) : walk(p, fieldEnd, action - MESSAGE, depth + 1);
        if (inner == REFUSED) return REFUSED;
        if (holds(edit)) growth += inner + close(edit, lengthAt, p - lengthAt, <u32>length + inner);
      }
      p = fieldEnd;
    } else {
      if (action == MALFORMED) return refuse(Problem.Tag, tagAt);
      p = stepOver(p, end, tag, action, depth);
      if (p == 0) return REFUSED;
    }
  }
  return growth;
}

/**
 * A short cut: whether the `KeyValue` at `[p, end)` is what most are, a key and a string of less than 128
 * bytes each and nothing else, and holds nothing to be masked. Any other is walked like every message.
 */
function isPlainAttribute(p: usize, end: usize): bool {
  // key: tag and length; value: tag and length; string: tag and length.
  if (end - p < 6 || load<u8>(p) != KEY_TAG) return false;
  const value = p + 2 + load<u8>(p, 1);
  if (value + 4 > end || load<u8>(p, 1) >= 0x80 || load<u8>(value) != VALUE_TAG) return false;
  const length = <usize>load<u8>(value, 3);
  const text = value + 4;
  return (
    length < 0x80 &&
    text + length == end &&
    load<u8>(value, 1) == length + 2 &&
    load<u8>(value, 2) == STRING_TAG &&
    likelyKinds(text, end) == 0
  );
}

/** The byte after the field without a length whose tag ends at `p`, or 0 when it is refused. */
function stepOver(p: usize, end: usize, tag: u32, action: u32, depth: i32): usize {
  switch (action) {
    case VARINT: {
      const after = skipVarint(p, end);
      if (after == 0) refuse(Problem.Varint, p);
      return after;
    }
    case FIXED64:
      if (end - p >= 8) return p + 8;
      break;
    case FIXED32:
      if (end - p >= 4) return p + 4;
      break;
    default: // GROUP
      return stepOverGroup(p, end, tag, depth + 1);
  }
  refuse(Problem.CutOff, p);
  return 0;
}

/** A group is a message between two tags: the deprecated form, which only unknown fields can have. */
function stepOverGroup(p: usize, end: usize, startTag: u32, depth: i32): usize {
  if (depth > DEPTH_MAX) {
    refuse(Problem.TooDeep, p);
    return 0;
  }
  while (p < end) {
    const tagAt = p;
    const long = readVarint(p, end);
    const tag = <u32>long;
    // An end tag differs from its start tag in the wire type: 4 instead of 3.
    if (long == startTag + 1) return afterVarint();
    const action = long < 8 || long > TAG_MAX ? MALFORMED : actionOfWireType(tag);
    if (action == MALFORMED) {
      refuse(Problem.Tag, tagAt);
      return 0;
    }
    p = afterVarint();
    if (action == BYTES) {
      const length = readVarint(p, end);
      if (length == BAD) {
        refuse(Problem.Varint, p);
        return 0;
      }
      p = afterVarint();
      if (length > <u64>(end - p)) {
        refuse(Problem.CutOff, tagAt);
        return 0;
      }
      p += <usize>length;
    } else {
      p = stepOver(p, end, tag, action, depth);
      if (p == 0) return 0;
    }
  }
  refuse(Problem.Group, p);
  return 0;
}

function refuse(what: Problem, at: usize): i32 {
  noteProblem(what, at);
  return REFUSED;
}
