/** The official OTLP messages, as protobufjs types. The oracle for everything that reads or writes OTLP. */
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import type { Signal } from '../../host/pipeline/batch.ts';

const messages = readFileSync(new URL('messages.json', import.meta.url), 'utf8');

const root = protobuf.Root.fromJSON(JSON.parse(messages));
root.resolveAll();

/** Every message and enum, by full name. */
export const officialRoot: protobuf.Root = root;

/** The request message of each signal. */
export const officialRequest: Readonly<Record<Signal, protobuf.Type>> = {
  logs: root.lookupType('opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest'),
  metrics: root.lookupType('opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest'),
  traces: root.lookupType('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest'),
};

/** The response message of each signal. */
export const officialResponse: Readonly<Record<Signal, protobuf.Type>> = {
  logs: root.lookupType('opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse'),
  metrics: root.lookupType('opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse'),
  traces: root.lookupType('opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse'),
};
