/**
 * OTLP protobuf → OTLP/JSON, from the bytes straight to text. OTLP/JSON is protobuf's JSON mapping with
 * lowerCamelCase names only, ids in hex and enums as numbers (OTLP specification, "JSON Protobuf Encoding").
 *
 * What is on the wire is written, also a zero; unknown fields are left out. As protobuf says, of a
 * single value that comes twice the last one counts, single messages that come twice are merged, and
 * of a `oneof` the last member counts.
 */
import type { Signal } from '../batch.ts';
import { wrongWireType } from './check.ts';
import { type Field, MAX_DEPTH, type Message, requestMessages } from './messages.ts';
import { WireReader } from './wire-reader.ts';

/** One JSON object, without a line break. @throws MalformedOtlpError */
export function otlpToJson(signal: Signal, bytes: Uint8Array): string {
  return messageJson(new WireReader(bytes), bytes.length, requestMessages[signal], 0);
}

function messageJson(reader: WireReader, end: number, message: Message, depth: number): string {
  const values: (string | undefined)[] = new Array(message.fields.length);
  // Single messages, as [field index, start, end, …]: written when it is known whether there are more.
  let singles: number[] = [];
  let chosen = -1;
  while (reader.at < end) {
    const start = reader.at;
    const tag = reader.tag(end);
    const field = message.byNumber[tag >>> 3];
    if (field === undefined) {
      reader.skip(tag, end);
      continue;
    }
    const wireType = tag & 7;
    const packed = wireType === 2 && field.wireType !== 2 && field.repeated;
    if (wireType !== field.wireType && !packed) throw wrongWireType(reader, start, message, field, wireType);
    const { index } = field;
    if (field.oneof && index !== chosen) {
      if (chosen >= 0) {
        values[chosen] = undefined;
        singles = without(singles, chosen);
      }
      chosen = index;
    }
    if (field.message !== undefined) {
      if (depth >= MAX_DEPTH)
        throw reader.malformed(start, `messages are nested more than ${MAX_DEPTH} deep`);
      const valueEnd = reader.delimited(end);
      if (field.repeated) {
        const value = messageJson(reader, valueEnd, field.message, depth + 1);
        values[index] = appended(values[index], value);
      } else {
        singles.push(index, reader.at, valueEnd);
        reader.at = valueEnd;
      }
    } else if (packed) {
      const packedEnd = reader.delimited(end);
      values[index] ??= '';
      while (reader.at < packedEnd)
        values[index] = appended(values[index], scalarJson(reader, field, packedEnd));
    } else if (field.repeated) values[index] = appended(values[index], scalarJson(reader, field, end));
    else values[index] = scalarJson(reader, field, end);
  }
  if (singles.length > 0) writeSingles(reader, end, message, depth, singles, values);
  return objectJson(message, values);
}

/** Write the single messages that were seen, merging those of the same field. */
function writeSingles(
  reader: WireReader,
  end: number,
  message: Message,
  depth: number,
  singles: readonly number[],
  values: (string | undefined)[],
): void {
  for (let i = 0; i < singles.length; i += 3) {
    const index = singles[i]!;
    if (values[index] !== undefined) continue;
    const inner = message.fields[index]!.message!;
    const parts: Uint8Array[] = [];
    for (let k = i; k < singles.length; k += 3) {
      if (singles[k] === index) parts.push(reader.bytes.subarray(singles[k + 1], singles[k + 2]));
    }
    if (parts.length === 1) {
      reader.at = singles[i + 1]!;
      values[index] = messageJson(reader, singles[i + 2]!, inner, depth + 1);
    } else {
      // Messages one after another are the merged message.
      const merged = Buffer.concat(parts);
      values[index] = messageJson(new WireReader(merged), merged.length, inner, depth + 1);
    }
  }
  reader.at = end;
}

function objectJson(message: Message, values: readonly (string | undefined)[]): string {
  let json = '{';
  for (const { index, name, repeated } of message.fields) {
    const value = values[index];
    if (value === undefined) continue;
    if (json.length > 1) json += ',';
    json += repeated ? `"${name}":[${value}]` : `"${name}":${value}`;
  }
  return `${json}}`;
}

function appended(list: string | undefined, value: string): string {
  return list === undefined || list === '' ? value : `${list},${value}`;
}

function without(singles: readonly number[], index: number): number[] {
  const left: number[] = [];
  for (let i = 0; i < singles.length; i += 3) {
    if (singles[i] !== index) left.push(singles[i]!, singles[i + 1]!, singles[i + 2]!);
  }
  return left;
}

function scalarJson(reader: WireReader, field: Field, end: number): string {
  switch (field.kind) {
    case 'string':
      return JSON.stringify(text(reader, end, 'utf8'));
    case 'bytes':
      return `"${text(reader, end, 'base64')}"`;
    case 'id':
      return idJson(reader, field, end);
    case 'bool':
      return (reader.varint64(end) | reader.high) === 0 ? 'false' : 'true';
    case 'enum':
      return String(reader.varint64(end) | 0);
    case 'uint32':
      return String(reader.varint64(end));
    case 'sint32': {
      const value = reader.varint64(end);
      return String((value >>> 1) ^ -(value & 1));
    }
    case 'int64':
    case 'uint64': {
      const low = reader.varint64(end);
      return int64Json(low, reader.high, field.kind === 'int64');
    }
    default:
      return fixedJson(reader, field, end);
  }
}

function fixedJson(reader: WireReader, field: Field, end: number): string {
  const { at, view } = reader;
  if (field.kind === 'fixed32') {
    reader.skipBytes(4, end);
    return String(view.getUint32(at, true));
  }
  reader.skipBytes(8, end);
  if (field.kind === 'double') return doubleJson(view.getFloat64(at, true));
  return int64Json(view.getUint32(at, true), view.getUint32(at + 4, true), field.kind === 'sfixed64');
}

/** 64-bit integers are decimal strings. */
function int64Json(low: number, high: number, signed: boolean): string {
  if (high < 0x20_0000) return `"${high * 0x1_0000_0000 + low}"`;
  const value = (BigInt(high) << 32n) | BigInt(low);
  return `"${signed ? BigInt.asIntN(64, value) : value}"`;
}

function doubleJson(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return Number.isNaN(value) ? '"NaN"' : value > 0 ? '"Infinity"' : '"-Infinity"';
}

function idJson(reader: WireReader, field: Field, end: number): string {
  const start = reader.at;
  const hex = text(reader, end, 'hex');
  if (hex.length !== 2 * field.idBytes && hex.length !== 0) {
    throw reader.malformed(start, `${field.name} has ${hex.length / 2} bytes instead of ${field.idBytes}`);
  }
  return `"${hex}"`;
}

function text(reader: WireReader, end: number, encoding: 'utf8' | 'hex' | 'base64'): string {
  const valueEnd = reader.delimited(end);
  const { bytes, at } = reader;
  reader.at = valueEnd;
  return bytes.toString(encoding, at, valueEnd);
}
