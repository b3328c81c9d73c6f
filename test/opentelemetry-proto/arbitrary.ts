/** Random OTLP requests made from the official definitions, and what OTLP/JSON makes of a message. */
import fc from 'fast-check';
import protobuf from 'protobufjs';
import type { Signal } from '../../host/pipeline/batch.ts';
import { officialRequest } from './definitions.ts';

const ids: Readonly<Record<string, number>> = { traceId: 16, spanId: 8, parentSpanId: 8 };

const longText: fc.Arbitrary<string> = fc.string({ unit: 'grapheme', maxLength: 12 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => long(value, false));
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => long(value, true));

function long(value: bigint, unsigned: boolean) {
  return protobuf.util.LongBits.from(value.toString()).toLong(unsigned);
}

function scalar(field: protobuf.Field): fc.Arbitrary<unknown> {
  const idBytes = ids[field.name];
  if (idBytes !== undefined) return fc.uint8Array({ minLength: idBytes, maxLength: idBytes });
  if (field.resolvedType instanceof protobuf.Enum) return fc.nat({ max: 4 });
  switch (field.type) {
    case 'string':
      return longText;
    case 'bytes':
      return fc.uint8Array({ maxLength: 10 });
    case 'bool':
      return fc.boolean();
    case 'double':
      return fc.double();
    case 'int64':
    case 'sfixed64':
      return int64;
    case 'uint64':
    case 'fixed64':
      return uint64;
    case 'sint32':
    case 'int32':
      return fc.integer();
    default:
      return fc.nat({ max: 2 ** 32 - 1 });
  }
}

function message(type: protobuf.Type, depth: number): fc.Arbitrary<object> {
  const groups = new Map<string, fc.Arbitrary<object>[]>();
  for (const field of type.fieldsArray) {
    const inner = field.resolvedType instanceof protobuf.Type ? field.resolvedType : undefined;
    if (inner !== undefined && depth <= 0) continue;
    const value = inner === undefined ? scalar(field) : message(inner, depth - 1);
    const whole = field.repeated ? fc.array(value, { maxLength: 3 }) : value;
    // A proto3 `optional` is a oneof of one member.
    const group = field.partOf?.name ?? field.name;
    groups.set(group, [...(groups.get(group) ?? []), whole.map((given) => ({ [field.name]: given }))]);
  }
  const members = [...groups.values()].map((choices) => fc.oneof(fc.constant({}), fc.oneof(...choices)));
  return fc.tuple(...members).map((parts) => Object.assign({}, ...parts));
}

/** Requests of a signal, as official messages. */
export function arbitraryRequest(signal: Signal): fc.Arbitrary<protobuf.Message> {
  const type = officialRequest[signal];
  return message(type, 8).map((object) => type.create(object));
}

/** A decoded message as OTLP/JSON has it. Fields that are not set are left out; those that are 0 stay. */
export function officialJson(type: protobuf.Type, decoded: object): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    if (!Object.hasOwn(decoded, field.name)) continue;
    const value = (decoded as Record<string, unknown>)[field.name];
    if (Array.isArray(value) && value.length === 0) continue;
    json[field.name] = Array.isArray(value)
      ? value.map((item) => valueJson(field, item))
      : valueJson(field, value);
  }
  return json;
}

function valueJson(field: protobuf.Field, value: unknown): unknown {
  if (field.resolvedType instanceof protobuf.Type) return officialJson(field.resolvedType, value as object);
  if (value instanceof Uint8Array) {
    return Buffer.from(value).toString(ids[field.name] === undefined ? 'base64' : 'hex');
  }
  if (typeof value === 'object') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}
