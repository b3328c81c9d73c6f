/**
 * The OTLP messages as data: names, numbers and types of their fields. What checks, counts and
 * transcodes OTLP walks this table. Source: open-telemetry/opentelemetry-proto v1.9.0; a test compares
 * every line with the official definitions.
 */
import type { Signal } from '../batch.ts';

export type ScalarKind =
  | 'bool'
  | 'bytes'
  | 'double'
  | 'enum'
  | 'fixed32'
  | 'fixed64'
  /** `bytes` that OTLP/JSON writes in hex: trace and span ids. */
  | 'id'
  | 'int64'
  | 'sfixed64'
  | 'sint32'
  | 'string'
  | 'uint32'
  | 'uint64';

/** How protobuf puts a value on the wire: varint, 8 bytes, length-delimited, 4 bytes. */
export type WireType = 0 | 1 | 2 | 5;

export const wireTypes: Readonly<Record<ScalarKind | 'message', WireType>> = {
  bool: 0,
  bytes: 2,
  double: 1,
  enum: 0,
  fixed32: 5,
  fixed64: 1,
  id: 2,
  int64: 0,
  message: 2,
  sfixed64: 1,
  sint32: 0,
  string: 2,
  uint32: 0,
  uint64: 0,
};

export interface Field {
  /** Place in `Message.fields`. */
  readonly index: number;
  readonly number: number;
  /** lowerCamelCase, as OTLP/JSON writes it. */
  readonly name: string;
  readonly kind: ScalarKind | 'message';
  readonly wireType: WireType;
  readonly repeated: boolean;
  /** A member of the message's one `oneof`. */
  readonly oneof: boolean;
  /** Of kind `message`: which. */
  readonly message: Message | undefined;
  /** Of kind `id`: how many bytes it has. An absent id may also be written as empty. */
  readonly idBytes: number;
}

export interface Message {
  /** Full protobuf name. */
  readonly name: string;
  /** By ascending number. */
  readonly fields: readonly Field[];
  readonly byNumber: readonly (Field | undefined)[];
}

type FieldType = ScalarKind | 'trace id' | 'span id' | MutableMessage;
type FieldRow = readonly [number: number, name: string, type: FieldType, label?: 'repeated' | 'oneof'];

interface MutableMessage extends Message {
  fields: readonly Field[];
  byNumber: readonly (Field | undefined)[];
}

function declare(name: string): MutableMessage {
  return { name: `opentelemetry.proto.${name}`, fields: [], byNumber: [] };
}

function define(message: MutableMessage, ...rows: FieldRow[]): MutableMessage {
  const sorted = rows.toSorted((a, b) => a[0] - b[0]);
  message.fields = sorted.map(([number, name, type, label], index) => {
    const kind =
      typeof type === 'object' ? 'message' : type === 'trace id' || type === 'span id' ? 'id' : type;
    return {
      index,
      number,
      name,
      kind,
      wireType: wireTypes[kind],
      repeated: label === 'repeated',
      oneof: label === 'oneof',
      message: typeof type === 'object' ? type : undefined,
      idBytes: type === 'trace id' ? 16 : type === 'span id' ? 8 : 0,
    };
  });
  const byNumber: (Field | undefined)[] = [];
  for (const field of message.fields) byNumber[field.number] = field;
  message.byNumber = Array.from(byNumber);
  return message;
}

const AnyValue = declare('common.v1.AnyValue');
const KeyValue = define(declare('common.v1.KeyValue'), [1, 'key', 'string'], [2, 'value', AnyValue]);
const ArrayValue = define(declare('common.v1.ArrayValue'), [1, 'values', AnyValue, 'repeated']);
const KeyValueList = define(declare('common.v1.KeyValueList'), [1, 'values', KeyValue, 'repeated']);
define(
  AnyValue,
  [1, 'stringValue', 'string', 'oneof'],
  [2, 'boolValue', 'bool', 'oneof'],
  [3, 'intValue', 'int64', 'oneof'],
  [4, 'doubleValue', 'double', 'oneof'],
  [5, 'arrayValue', ArrayValue, 'oneof'],
  [6, 'kvlistValue', KeyValueList, 'oneof'],
  [7, 'bytesValue', 'bytes', 'oneof'],
);
const InstrumentationScope = define(
  declare('common.v1.InstrumentationScope'),
  [1, 'name', 'string'],
  [2, 'version', 'string'],
  [3, 'attributes', KeyValue, 'repeated'],
  [4, 'droppedAttributesCount', 'uint32'],
);
const EntityRef = define(
  declare('common.v1.EntityRef'),
  [1, 'schemaUrl', 'string'],
  [2, 'type', 'string'],
  [3, 'idKeys', 'string', 'repeated'],
  [4, 'descriptionKeys', 'string', 'repeated'],
);
const Resource = define(
  declare('resource.v1.Resource'),
  [1, 'attributes', KeyValue, 'repeated'],
  [2, 'droppedAttributesCount', 'uint32'],
  [3, 'entityRefs', EntityRef, 'repeated'],
);

const LogRecord = define(
  declare('logs.v1.LogRecord'),
  [1, 'timeUnixNano', 'fixed64'],
  [2, 'severityNumber', 'enum'],
  [3, 'severityText', 'string'],
  [5, 'body', AnyValue],
  [6, 'attributes', KeyValue, 'repeated'],
  [7, 'droppedAttributesCount', 'uint32'],
  [8, 'flags', 'fixed32'],
  [9, 'traceId', 'trace id'],
  [10, 'spanId', 'span id'],
  [11, 'observedTimeUnixNano', 'fixed64'],
  [12, 'eventName', 'string'],
);
const ScopeLogs = define(
  declare('logs.v1.ScopeLogs'),
  [1, 'scope', InstrumentationScope],
  [2, 'logRecords', LogRecord, 'repeated'],
  [3, 'schemaUrl', 'string'],
);
const ResourceLogs = define(
  declare('logs.v1.ResourceLogs'),
  [1, 'resource', Resource],
  [2, 'scopeLogs', ScopeLogs, 'repeated'],
  [3, 'schemaUrl', 'string'],
);

const SpanEvent = define(
  declare('trace.v1.Span.Event'),
  [1, 'timeUnixNano', 'fixed64'],
  [2, 'name', 'string'],
  [3, 'attributes', KeyValue, 'repeated'],
  [4, 'droppedAttributesCount', 'uint32'],
);
const SpanLink = define(
  declare('trace.v1.Span.Link'),
  [1, 'traceId', 'trace id'],
  [2, 'spanId', 'span id'],
  [3, 'traceState', 'string'],
  [4, 'attributes', KeyValue, 'repeated'],
  [5, 'droppedAttributesCount', 'uint32'],
  [6, 'flags', 'fixed32'],
);
const Status = define(declare('trace.v1.Status'), [2, 'message', 'string'], [3, 'code', 'enum']);
const Span = define(
  declare('trace.v1.Span'),
  [1, 'traceId', 'trace id'],
  [2, 'spanId', 'span id'],
  [3, 'traceState', 'string'],
  [4, 'parentSpanId', 'span id'],
  [5, 'name', 'string'],
  [6, 'kind', 'enum'],
  [7, 'startTimeUnixNano', 'fixed64'],
  [8, 'endTimeUnixNano', 'fixed64'],
  [9, 'attributes', KeyValue, 'repeated'],
  [10, 'droppedAttributesCount', 'uint32'],
  [11, 'events', SpanEvent, 'repeated'],
  [12, 'droppedEventsCount', 'uint32'],
  [13, 'links', SpanLink, 'repeated'],
  [14, 'droppedLinksCount', 'uint32'],
  [15, 'status', Status],
  [16, 'flags', 'fixed32'],
);
const ScopeSpans = define(
  declare('trace.v1.ScopeSpans'),
  [1, 'scope', InstrumentationScope],
  [2, 'spans', Span, 'repeated'],
  [3, 'schemaUrl', 'string'],
);
const ResourceSpans = define(
  declare('trace.v1.ResourceSpans'),
  [1, 'resource', Resource],
  [2, 'scopeSpans', ScopeSpans, 'repeated'],
  [3, 'schemaUrl', 'string'],
);

const Exemplar = define(
  declare('metrics.v1.Exemplar'),
  [2, 'timeUnixNano', 'fixed64'],
  [3, 'asDouble', 'double', 'oneof'],
  [4, 'spanId', 'span id'],
  [5, 'traceId', 'trace id'],
  [6, 'asInt', 'sfixed64', 'oneof'],
  [7, 'filteredAttributes', KeyValue, 'repeated'],
);
const NumberDataPoint = define(
  declare('metrics.v1.NumberDataPoint'),
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'asDouble', 'double', 'oneof'],
  [5, 'exemplars', Exemplar, 'repeated'],
  [6, 'asInt', 'sfixed64', 'oneof'],
  [7, 'attributes', KeyValue, 'repeated'],
  [8, 'flags', 'uint32'],
);
const HistogramDataPoint = define(
  declare('metrics.v1.HistogramDataPoint'),
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'count', 'fixed64'],
  [5, 'sum', 'double'],
  [6, 'bucketCounts', 'fixed64', 'repeated'],
  [7, 'explicitBounds', 'double', 'repeated'],
  [8, 'exemplars', Exemplar, 'repeated'],
  [9, 'attributes', KeyValue, 'repeated'],
  [10, 'flags', 'uint32'],
  [11, 'min', 'double'],
  [12, 'max', 'double'],
);
const Buckets = define(
  declare('metrics.v1.ExponentialHistogramDataPoint.Buckets'),
  [1, 'offset', 'sint32'],
  [2, 'bucketCounts', 'uint64', 'repeated'],
);
const ExponentialHistogramDataPoint = define(
  declare('metrics.v1.ExponentialHistogramDataPoint'),
  [1, 'attributes', KeyValue, 'repeated'],
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'count', 'fixed64'],
  [5, 'sum', 'double'],
  [6, 'scale', 'sint32'],
  [7, 'zeroCount', 'fixed64'],
  [8, 'positive', Buckets],
  [9, 'negative', Buckets],
  [10, 'flags', 'uint32'],
  [11, 'exemplars', Exemplar, 'repeated'],
  [12, 'min', 'double'],
  [13, 'max', 'double'],
  [14, 'zeroThreshold', 'double'],
);
const ValueAtQuantile = define(
  declare('metrics.v1.SummaryDataPoint.ValueAtQuantile'),
  [1, 'quantile', 'double'],
  [2, 'value', 'double'],
);
const SummaryDataPoint = define(
  declare('metrics.v1.SummaryDataPoint'),
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'count', 'fixed64'],
  [5, 'sum', 'double'],
  [6, 'quantileValues', ValueAtQuantile, 'repeated'],
  [7, 'attributes', KeyValue, 'repeated'],
  [8, 'flags', 'uint32'],
);
const Gauge = define(declare('metrics.v1.Gauge'), [1, 'dataPoints', NumberDataPoint, 'repeated']);
const Sum = define(
  declare('metrics.v1.Sum'),
  [1, 'dataPoints', NumberDataPoint, 'repeated'],
  [2, 'aggregationTemporality', 'enum'],
  [3, 'isMonotonic', 'bool'],
);
const Histogram = define(
  declare('metrics.v1.Histogram'),
  [1, 'dataPoints', HistogramDataPoint, 'repeated'],
  [2, 'aggregationTemporality', 'enum'],
);
const ExponentialHistogram = define(
  declare('metrics.v1.ExponentialHistogram'),
  [1, 'dataPoints', ExponentialHistogramDataPoint, 'repeated'],
  [2, 'aggregationTemporality', 'enum'],
);
const Summary = define(declare('metrics.v1.Summary'), [1, 'dataPoints', SummaryDataPoint, 'repeated']);
const Metric = define(
  declare('metrics.v1.Metric'),
  [1, 'name', 'string'],
  [2, 'description', 'string'],
  [3, 'unit', 'string'],
  [5, 'gauge', Gauge, 'oneof'],
  [7, 'sum', Sum, 'oneof'],
  [9, 'histogram', Histogram, 'oneof'],
  [10, 'exponentialHistogram', ExponentialHistogram, 'oneof'],
  [11, 'summary', Summary, 'oneof'],
  [12, 'metadata', KeyValue, 'repeated'],
);
const ScopeMetrics = define(
  declare('metrics.v1.ScopeMetrics'),
  [1, 'scope', InstrumentationScope],
  [2, 'metrics', Metric, 'repeated'],
  [3, 'schemaUrl', 'string'],
);
const ResourceMetrics = define(
  declare('metrics.v1.ResourceMetrics'),
  [1, 'resource', Resource],
  [2, 'scopeMetrics', ScopeMetrics, 'repeated'],
  [3, 'schemaUrl', 'string'],
);

/** The message that a batch of each signal is. */
export const requestMessages: Readonly<Record<Signal, Message>> = {
  logs: define(declare('collector.logs.v1.ExportLogsServiceRequest'), [
    1,
    'resourceLogs',
    ResourceLogs,
    'repeated',
  ]),
  metrics: define(declare('collector.metrics.v1.ExportMetricsServiceRequest'), [
    1,
    'resourceMetrics',
    ResourceMetrics,
    'repeated',
  ]),
  traces: define(declare('collector.trace.v1.ExportTraceServiceRequest'), [
    1,
    'resourceSpans',
    ResourceSpans,
    'repeated',
  ]),
};

/**
 * Messages in messages that are followed; deeper ones are refused. The limit that the official
 * protobuf libraries have by default; one list in an attribute takes two levels, one map three.
 */
export const MAX_DEPTH = 100;
