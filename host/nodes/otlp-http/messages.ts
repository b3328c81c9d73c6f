/**
 * The small messages of OTLP/HTTP beside the batches: what a server answers. Both encodings, both
 * directions. Source: OTLP specification, "OTLP/HTTP Response"; google/rpc/status.proto.
 */
import type { Signal } from '../../pipeline/batch.ts';
import { WireReader } from '../../pipeline/otlp/wire-reader.ts';
import { WireWriter } from '../../pipeline/otlp/wire-writer.ts';

export type Encoding = 'protobuf' | 'json';

export const contentTypes: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** The path of each signal, which a server answers at and a client appends to its endpoint. */
export const signalPaths: Readonly<Record<Signal, string>> = {
  logs: '/v1/logs',
  metrics: '/v1/metrics',
  traces: '/v1/traces',
};

/** gRPC's status codes, as far as they are used here. */
export const grpcCodes = {
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** A google.rpc.Status. */
export function encodeStatus(encoding: Encoding, code: number, message: string): Buffer {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
  const writer = new WireWriter(message.length + 16);
  writer.text(message, 'utf8');
  writer.varint(writer.length);
  writer.tag(2, 2);
  writer.varint(code);
  writer.tag(1, 0);
  return Buffer.from(writer.finish());
}

/** An `Export…ServiceResponse` that says: everything was taken. `partial_success` is then unset. */
export function encodeFullSuccess(encoding: Encoding): Buffer {
  return Buffer.from(encoding === 'json' ? '{}' : '');
}

/** A server took only part of a request. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** Reads an `Export…ServiceResponse`. Undefined when everything was taken, or when the body is none. */
export function decodePartialSuccess(encoding: Encoding, body: Uint8Array): PartialSuccess | undefined {
  try {
    const partial = encoding === 'json' ? partialFromJson(body) : partialFromProtobuf(body);
    return partial.rejected === 0 && partial.message === '' ? undefined : partial;
  } catch {
    return undefined;
  }
}

/** Reads the message of a google.rpc.Status; empty when the body is none. */
export function decodeStatusMessage(encoding: Encoding, body: Uint8Array): string {
  try {
    if (encoding === 'protobuf') return textField(body, 2);
    const { message } = JSON.parse(Buffer.from(body).toString());
    return typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}

function partialFromJson(body: Uint8Array): PartialSuccess {
  const { partialSuccess = {} } = JSON.parse(Buffer.from(body).toString());
  const { errorMessage } = partialSuccess;
  const rejected =
    partialSuccess.rejectedLogRecords ?? partialSuccess.rejectedSpans ?? partialSuccess.rejectedDataPoints;
  return { rejected: Number(rejected ?? 0), message: typeof errorMessage === 'string' ? errorMessage : '' };
}

/** In all three messages the rejected count is field 1 and the text field 2. */
function partialFromProtobuf(body: Uint8Array): PartialSuccess {
  const partial = field(body, 1);
  if (partial === undefined) return { rejected: 0, message: '' };
  const reader = new WireReader(partial);
  let rejected = 0;
  while (reader.at < partial.length) {
    const tag = reader.tag(partial.length);
    if (tag === ((1 << 3) | 0)) rejected = reader.varint(partial.length);
    else reader.skip(tag, partial.length);
  }
  return { rejected, message: textField(partial, 2) };
}

function textField(message: Uint8Array, number: number): string {
  return Buffer.from(field(message, number) ?? []).toString();
}

/** The last length-delimited field of this number. */
function field(message: Uint8Array, number: number): Uint8Array | undefined {
  const reader = new WireReader(message);
  let found: Uint8Array | undefined;
  while (reader.at < message.length) {
    const tag = reader.tag(message.length);
    if (tag === ((number << 3) | 2)) {
      const end = reader.delimited(message.length);
      found = message.subarray(reader.at, end);
      reader.at = end;
    } else reader.skip(tag, message.length);
  }
  return found;
}
