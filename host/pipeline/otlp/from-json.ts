/**
 * OTLP/JSON → OTLP protobuf. Follows the OTLP specification, "JSON Protobuf Encoding": lowerCamelCase
 * names only, unknown names ignored, ids in hex, enums as numbers, 64-bit integers as strings or
 * numbers (a number keeps all its digits), `null` the same as absent.
 */
import type { Signal } from '../batch.ts';
import { MalformedOtlpError } from '../errors.ts';
import { type Field, MAX_DEPTH, type Message, requestMessages } from './messages.ts';
import { WireWriter } from './wire-writer.ts';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;

/** A bare number in a value's place with more digits than a double surely keeps. */
const LONG_NUMBER = /[:,[]\s*-?\d{16}/;

/** @param json text, or its UTF-8 bytes. @throws MalformedOtlpError with the path to the value */
export function otlpFromJson(signal: Signal, json: string | Uint8Array): Uint8Array {
  const value = parse(json);
  const writer = new WireWriter(json.length + 16);
  try {
    writeMessage(writer, value, requestMessages[signal], 0);
  } catch (error) {
    if (error instanceof Problem) throw new MalformedOtlpError(error.path, error.message);
    throw error;
  }
  return writer.finish();
}

/** What is wrong, with the path filled in on the way out. */
class Problem extends Error {
  path = '';

  under(segment: string): this {
    this.path =
      this.path === '' || this.path.startsWith('[') ? segment + this.path : `${segment}.${this.path}`;
    return this;
  }
}

function parse(json: string | Uint8Array): unknown {
  let text: string;
  try {
    text = typeof json === 'string' ? json : new TextDecoder('utf-8', { fatal: true }).decode(json);
  } catch {
    throw new MalformedOtlpError('the start', 'the JSON text is not UTF-8');
  }
  try {
    return LONG_NUMBER.test(text) ? JSON.parse(text, exactIntegers as never) : JSON.parse(text);
  } catch (error) {
    throw new MalformedOtlpError('the start', `no JSON: ${(error as Error).message}`);
  }
}

/** A JSON.parse reviver that keeps integers which a double cannot hold, as text. */
function exactIntegers(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return context.source !== undefined && /^-?\d+$/.test(context.source) ? context.source : value;
}

function writeMessage(writer: WireWriter, value: unknown, message: Message, depth: number): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Problem(`an object was expected, ${describe(value)} found`);
  }
  if (depth > MAX_DEPTH) throw new Problem(`messages are nested more than ${MAX_DEPTH} deep`);
  const object = value as Record<string, unknown>;
  let member: string | undefined;
  for (let i = message.fields.length - 1; i >= 0; i--) {
    const field = message.fields[i]!;
    const fieldValue = object[field.name];
    if (fieldValue === undefined || fieldValue === null) continue;
    if (field.oneof) {
      if (member !== undefined) throw new Problem(`both ${field.name} and ${member} are set; one is allowed`);
      member = field.name;
    }
    try {
      if (field.repeated) writeList(writer, fieldValue, field, depth);
      else writeField(writer, fieldValue, field, depth);
    } catch (error) {
      throw error instanceof Problem ? error.under(field.name) : error;
    }
  }
}

function writeList(writer: WireWriter, list: unknown, field: Field, depth: number): void {
  if (!Array.isArray(list)) throw new Problem(`a list was expected, ${describe(list)} found`);
  const packed = field.wireType !== 2;
  if (packed && list.length === 0) return;
  const before = writer.length;
  for (let i = list.length - 1; i >= 0; i--) {
    try {
      if (packed) writeScalar(writer, list[i], field);
      else writeField(writer, list[i], field, depth);
    } catch (error) {
      throw error instanceof Problem ? error.under(`[${i}]`) : error;
    }
  }
  if (!packed) return;
  writer.varint(writer.length - before);
  writer.tag(field.number, 2);
}

function writeField(writer: WireWriter, value: unknown, field: Field, depth: number): void {
  const before = writer.length;
  if (field.message !== undefined) writeMessage(writer, value, field.message, depth + 1);
  else writeScalar(writer, value, field);
  if (field.wireType === 2) writer.varint(writer.length - before);
  writer.tag(field.number, field.wireType);
}

function writeScalar(writer: WireWriter, value: unknown, field: Field): void {
  switch (field.kind) {
    case 'string':
      writer.text(stringOf(value), 'utf8');
      break;
    case 'bytes':
      writer.text(base64Of(value), 'base64');
      break;
    case 'id':
      writer.text(hexOf(value, field), 'hex');
      break;
    case 'bool':
      if (typeof value !== 'boolean')
        throw new Problem(`true or false was expected, ${describe(value)} found`);
      writer.varint(value ? 1 : 0);
      break;
    case 'double':
      writer.double(doubleOf(value));
      break;
    case 'enum':
      if (typeof value === 'string')
        throw new Problem(`an enum's number was expected, ${describe(value)} found`);
      writer.varint64(integerOf(value, -(2n ** 31n), 2n ** 31n - 1n));
      break;
    case 'int64':
      writer.varint64(integerOf(value, INT64_MIN, INT64_MAX));
      break;
    case 'uint64':
      writer.varint64(integerOf(value, 0n, UINT64_MAX));
      break;
    case 'sfixed64':
      writer.fixed64(integerOf(value, INT64_MIN, INT64_MAX));
      break;
    case 'fixed64':
      writer.fixed64(integerOf(value, 0n, UINT64_MAX));
      break;
    case 'uint32':
      writer.varint64(integerOf(value, 0n, 2n ** 32n - 1n));
      break;
    case 'fixed32':
      writer.fixed32(Number(integerOf(value, 0n, 2n ** 32n - 1n)));
      break;
    case 'sint32': {
      const integer = Number(integerOf(value, -(2n ** 31n), 2n ** 31n - 1n));
      writer.varint(((integer << 1) ^ (integer >> 31)) >>> 0);
      break;
    }
    default:
      throw new Problem('messages are no scalars');
  }
}

function stringOf(value: unknown): string {
  if (typeof value !== 'string') throw new Problem(`a string was expected, ${describe(value)} found`);
  return value;
}

/** Base64 or its URL-safe form, with or without padding. */
function base64Of(value: unknown): string {
  const text = stringOf(value);
  const digits = text.replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/_-]*$/.test(digits) || digits.length % 4 === 1) throw new Problem('this is no base64');
  return digits;
}

function hexOf(value: unknown, field: Field): string {
  const text = stringOf(value);
  if (text !== '' && (text.length !== 2 * field.idBytes || !/^[0-9a-f]*$/i.test(text))) {
    throw new Problem(`an id of ${2 * field.idBytes} hex digits was expected, ${describe(value)} found`);
  }
  return text;
}

function doubleOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^(-?(\d+(\.\d+)?([eE][+-]?\d+)?|Infinity)|NaN)$/.test(value))
    return Number(value);
  throw new Problem(`a number was expected, ${describe(value)} found`);
}

function integerOf(value: unknown, min: bigint, max: bigint): bigint {
  let integer: bigint | undefined;
  if (typeof value === 'number' && Number.isInteger(value)) integer = BigInt(value);
  else if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) integer = BigInt(value);
  if (integer === undefined) throw new Problem(`a whole number was expected, ${describe(value)} found`);
  if (integer < min || integer > max) throw new Problem(`${integer} is not between ${min} and ${max}`);
  return integer;
}

/** A value as an error names it: short, and without what may be secret in long text. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : `${text.slice(0, 37)}…`;
}
