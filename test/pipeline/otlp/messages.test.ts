import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { type Message, requestMessages } from '../../../host/pipeline/otlp/messages.ts';
import { officialRequest, officialRoot } from '../../opentelemetry-proto/definitions.ts';

function reachable(message: Message, found = new Map<string, Message>()): Map<string, Message> {
  if (found.has(message.name)) return found;
  found.set(message.name, message);
  for (const field of message.fields) if (field.message !== undefined) reachable(field.message, found);
  return found;
}

function officialNames(type: protobuf.Type, found = new Set<string>()): Set<string> {
  const name = type.fullName.slice(1);
  if (found.has(name)) return found;
  found.add(name);
  for (const field of type.fieldsArray) {
    if (field.resolvedType instanceof protobuf.Type) officialNames(field.resolvedType, found);
  }
  return found;
}

describe.each(['logs', 'metrics', 'traces'] as const)('the table of OTLP messages, %s', (signal) => {
  const ours = reachable(requestMessages[signal]);

  it('has every official message', () => {
    expect([...ours.keys()].sort()).toEqual([...officialNames(officialRequest[signal])].sort());
  });

  it.each([...ours])('has the official fields of %s', (name, message) => {
    const official = officialRoot.lookupType(name).fieldsArray.map((field) => ({
      number: field.id,
      name: field.name,
      type:
        field.resolvedType instanceof protobuf.Enum
          ? 'enum'
          : (field.resolvedType?.fullName.slice(1) ?? field.type),
      repeated: field.repeated,
      // A proto3 `optional` is a oneof of its own, of one member.
      oneof: (field.partOf?.oneof.length ?? 0) > 1,
    }));
    const table = message.fields.map((field) => ({
      number: field.number,
      name: field.name,
      type: field.kind === 'id' ? 'bytes' : (field.message?.name ?? field.kind),
      repeated: field.repeated,
      oneof: field.oneof,
    }));
    expect(table).toEqual(official.sort((a, b) => a.number - b.number));
  });
});
