/**
 * Says whether bytes are a valid OTLP request, without decoding them: every known field has its wire
 * type, every length fits, ids have their size, strings are UTF-8. Unknown fields pass. What went
 * through here can be read by any OTLP reader.
 */
import { isUtf8 } from 'node:buffer';
import type { Signal } from '../batch.ts';
import { type Field, MAX_DEPTH, type Message, requestMessages } from './messages.ts';
import { WireReader } from './wire-reader.ts';

/** Text up to so many bytes is looked at in place. */
const SHORT_TEXT = 48;

/** @throws MalformedOtlpError with the byte offset */
export function checkOtlp(signal: Signal, bytes: Uint8Array): void {
  checkMessage(new WireReader(bytes), bytes.length, requestMessages[signal], 0);
}

function checkMessage(reader: WireReader, end: number, message: Message, depth: number): void {
  const byNumber = message.byNumber;
  while (reader.at < end) {
    const start = reader.at;
    const tag = reader.tag(end);
    const field = byNumber[tag >>> 3];
    const wireType = tag & 7;
    if (field === undefined) reader.skip(tag, end);
    else if (wireType === field.wireType) {
      if (field.message !== undefined) {
        if (depth >= MAX_DEPTH)
          throw reader.malformed(start, `messages are nested more than ${MAX_DEPTH} deep`);
        checkMessage(reader, reader.delimited(end), field.message, depth + 1);
      } else if (field.kind === 'string') checkText(reader, field, end);
      else if (field.idBytes > 0) checkId(reader, field, end);
      else reader.skip(tag, end);
    } else if (wireType === 2 && field.repeated) checkPacked(reader, field, end);
    else throw wrongWireType(reader, start, message, field, wireType);
  }
}

function checkId(reader: WireReader, field: Field, end: number): void {
  const start = reader.at;
  const idEnd = reader.delimited(end);
  const length = idEnd - reader.at;
  if (length !== field.idBytes && length !== 0) {
    throw reader.malformed(start, `${field.name} has ${length} bytes instead of ${field.idBytes}`);
  }
  reader.at = idEnd;
}

function checkText(reader: WireReader, field: Field, end: number): void {
  const textEnd = reader.delimited(end);
  const { bytes, at } = reader;
  reader.at = textEnd;
  // Nearly all text is short and ASCII: looking at it here costs less than a call into native code.
  let seen = 0;
  const near = Math.min(textEnd, at + SHORT_TEXT);
  for (let i = at; i < near; i++) seen |= bytes[i]!;
  if (seen < 0x80 && near === textEnd) return;
  if (!isUtf8(bytes.subarray(at, textEnd))) throw reader.malformed(at, `${field.name} is not UTF-8`);
}

/** A repeated number, all values behind one tag. */
function checkPacked(reader: WireReader, field: Field, end: number): void {
  const packedEnd = reader.delimited(end);
  while (reader.at < packedEnd) reader.skip(field.wireType, packedEnd);
}

/** The error for a known field that comes with another's wire type. */
export function wrongWireType(
  reader: WireReader,
  at: number,
  message: Message,
  field: Field,
  wireType: number,
) {
  const name = `${message.name}.${field.name}`;
  return reader.malformed(at, `${name} has wire type ${wireType} instead of ${field.wireType}`);
}
