/**
 * A client as users have one: records made by the OpenTelemetry SDK and sent by its own OTLP/HTTP
 * exporters. Every record carries an id of its own, so that a ledger can tell which ones arrived. Log
 * records and spans carry an e-mail address too, so that masking can be seen.
 */
import type { Attributes } from '@opentelemetry/api';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Signal } from '../../host/pipeline/batch.ts';

export type Encoding = 'protobuf' | 'json';

/** A batch that was made and offered to the server. */
export interface SentBatch {
  readonly ids: readonly string[];
  readonly signal: Signal;
  readonly encoding: Encoding;
  /** Set when the exporter reported success, which it does on a 200 alone. */
  readonly acked: boolean;
  readonly error: Error | undefined;
}

interface Exporter<T> {
  export(items: T, done: (result: { code: number; error?: Error }) => void): void;
  shutdown(): Promise<void>;
}

/** Hands out what the SDK measured since the last time; no timer of its own. */
class OnDemandReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA });
  }
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

export interface SdkClientOptions {
  /** Base URL of the server. */
  readonly url: string;
  readonly headers?: Record<string, string>;
  /** How long an exporter tries, retries included, ms. */
  readonly timeoutMillis?: number;
}

export class SdkClient {
  readonly #logs: ReadableLogRecord[] = [];
  readonly #spans: ReadableSpan[] = [];
  readonly #reader = new OnDemandReader();
  readonly #loggers: LoggerProvider;
  readonly #tracers: TracerProvider;
  readonly #meters = new MeterProvider({ readers: [this.#reader] });
  #making: Promise<unknown> = Promise.resolve();
  readonly #exporters: Record<`${Signal} ${Encoding}`, Exporter<never>>;

  constructor({ url, headers = {}, timeoutMillis = 30_000 }: SdkClientOptions) {
    const done = async () => {};
    this.#loggers = new LoggerProvider({
      processors: [{ onEmit: (record) => this.#logs.push(record), forceFlush: done, shutdown: done }],
    });
    this.#tracers = new TracerProvider({
      spanProcessors: [
        { onStart() {}, onEnd: (span) => this.#spans.push(span), forceFlush: done, shutdown: done },
      ],
    });
    const to = (signal: Signal) => ({
      url: `${url}/v1/${signal}`,
      headers,
      timeoutMillis,
      concurrencyLimit: 64,
    });
    this.#exporters = {
      'logs protobuf': new ProtobufLogs(to('logs')),
      'logs json': new JsonLogs(to('logs')),
      'metrics protobuf': new ProtobufMetrics(to('metrics')),
      'metrics json': new JsonMetrics(to('metrics')),
      'traces protobuf': new ProtobufTraces(to('traces')),
      'traces json': new JsonTraces(to('traces')),
    } as Record<`${Signal} ${Encoding}`, Exporter<never>>;
  }

  /** Make one record for each id and send them as one batch; resolves when the exporter says how it ended. */
  async send(
    signal: Signal,
    encoding: Encoding,
    ids: readonly string[],
    extra: Attributes = {},
  ): Promise<SentBatch> {
    // One batch is made at a time: what the SDK collects is everything since the last time.
    const making = this.#making.then(() => this.#make(signal, ids, extra));
    this.#making = making;
    const items = await making;
    const result = await new Promise<{ code: number; error?: Error }>((resolve) => {
      this.#exporters[`${signal} ${encoding}`].export(items as never, resolve);
    });
    return { ids, signal, encoding, acked: result.code === 0, error: result.error };
  }

  async close(): Promise<void> {
    await Promise.all([
      ...Object.values(this.#exporters).map((exporter) => exporter.shutdown()),
      this.#loggers.shutdown(),
      this.#tracers.shutdown(),
      this.#meters.shutdown(),
    ]);
  }

  async #make(signal: Signal, ids: readonly string[], extra: Attributes): Promise<unknown> {
    const attributes = (id: string) => ({ 'test.id': id, ...extra });
    const personal = (id: string) => ({ ...attributes(id), 'user.email': `${id}@mail.example` });
    switch (signal) {
      case 'logs':
        for (const id of ids) {
          this.#loggers.getLogger('e2e').emit({
            severityText: 'INFO',
            body: `sign-in of ${id}@mail.example`,
            attributes: personal(id),
          });
        }
        return this.#logs.splice(0);
      case 'traces':
        for (const id of ids) {
          this.#tracers
            .getTracer('e2e')
            .startSpan('sign-in', { attributes: personal(id) })
            .end();
        }
        return this.#spans.splice(0);
      case 'metrics': {
        const counter = this.#meters.getMeter('e2e').createCounter('sign-ins');
        for (const id of ids) counter.add(1, attributes(id));
        return (await this.#reader.collect()).resourceMetrics;
      }
    }
  }
}
