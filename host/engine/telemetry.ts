/**
 * The engine's own telemetry: its log lines and one span per batch, made with the OpenTelemetry SDK
 * and sent over OTLP/HTTP to wherever the configuration says (its own receiver, too).
 *
 * Handling self-telemetry must make none, or it would feed itself for ever:
 * - every request carries `SELF_TELEMETRY_HEADER` with a secret of this process, by which the engine's
 *   own receiver marks the batch;
 * - while a marked batch is handled (`suppressTelemetry`), log lines still reach the terminal but are
 *   not recorded, and no span is made.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import {
  type AttributeValue,
  SeverityNumber,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { TelemetryConfig } from '../config/model.ts';
import type { Batch } from '../pipeline/batch.ts';
import type { Outcome } from '../pipeline/delivery.ts';

export const SELF_TELEMETRY_HEADER = 'weir-self-telemetry';

/** Known only to this process; a client cannot pass its telemetry off as the engine's. */
export const selfTelemetrySecret: string = randomBytes(16).toString('hex');

const suppressed = new AsyncLocalStorage<true>();

/** Run `work`, and all that it starts, without recording telemetry of it. */
export function suppressTelemetry<T>(work: () => T): T {
  return suppressed.run(true, work);
}

/** How long log records and spans wait for company before they are sent, ms. */
const EXPORT_DELAY_MS = 500;

/** pino's level numbers, from its documentation, as OpenTelemetry severities. */
const SEVERITIES: readonly (readonly [pino: number, severity: SeverityNumber, text: string])[] = [
  [60, SeverityNumber.FATAL, 'FATAL'],
  [50, SeverityNumber.ERROR, 'ERROR'],
  [40, SeverityNumber.WARN, 'WARN'],
  [30, SeverityNumber.INFO, 'INFO'],
  [20, SeverityNumber.DEBUG, 'DEBUG'],
  [0, SeverityNumber.TRACE, 'TRACE'],
];

export class EngineTelemetry {
  readonly #logs: LoggerProvider;
  readonly #traces: TracerProvider;
  readonly #tracer: Tracer;

  constructor(config: TelemetryConfig) {
    const resource = resourceFromAttributes({ 'service.name': 'weir', 'process.pid': process.pid });
    const base = config.endpoint.replace(/\/+$/, '');
    const headers = { ...config.headers, [SELF_TELEMETRY_HEADER]: selfTelemetrySecret };
    const limits = { scheduledDelayMillis: EXPORT_DELAY_MS };
    this.#logs = new LoggerProvider({
      resource,
      processors: [
        new BatchLogRecordProcessor({
          exporter: new OTLPLogExporter({ url: `${base}/v1/logs`, headers }),
          ...limits,
        }),
      ],
    });
    this.#traces = new TracerProvider({
      resource,
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: new OTLPTraceExporter({ url: `${base}/v1/traces`, headers }),
          ...limits,
        }),
      ],
    });
    this.#tracer = this.#traces.getTracer('weir');
  }

  /** A stream for pino: takes its JSON lines and records them as OpenTelemetry logs. */
  logStream(): { write(line: string): void } {
    const logger = this.#logs.getLogger('weir');
    return {
      write(line) {
        if (suppressed.getStore() === true) return;
        const { level, time, msg, pid: _pid, hostname: _hostname, ...fields } = JSON.parse(line);
        const [, severityNumber, severityText] =
          SEVERITIES.find(([from]) => level >= from) ?? SEVERITIES.at(-1)!;
        logger.emit({
          timestamp: time,
          severityNumber,
          severityText,
          body: msg ?? '',
          attributes: flatten(fields),
        });
      },
    };
  }

  /** Begin the span of a batch that a receiver took; call what comes back with its outcome. */
  batchTaken(pipeline: string, receiver: string, batch: Batch): ((outcome: Outcome) => void) | undefined {
    if (batch.selfTelemetry === true) return undefined;
    const span = this.#tracer.startSpan(`${pipeline} ${batch.signal}`, {
      kind: SpanKind.CONSUMER,
      attributes: {
        'weir.pipeline': pipeline,
        'weir.node': receiver,
        'weir.signal': batch.signal,
        'weir.batch.bytes': batch.bytes.byteLength,
      },
    });
    return (outcome) => {
      if (!outcome.acked) span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.nack.reason });
      span.end();
    };
  }

  /** Send what is still held back. */
  async flush(): Promise<void> {
    await Promise.allSettled([this.#logs.forceFlush(), this.#traces.forceFlush()]);
  }

  /** Send what is held back and make no more. */
  async stop(): Promise<void> {
    await Promise.allSettled([this.#logs.shutdown(), this.#traces.shutdown()]);
  }
}

/** Nested log fields as dotted attributes; OpenTelemetry attributes are flat. */
function flatten(fields: Record<string, unknown>, prefix = ''): Record<string, AttributeValue> {
  const flat: Record<string, AttributeValue> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      flat[prefix + key] = value;
    else if (Array.isArray(value)) flat[prefix + key] = value.map(String);
    else if (typeof value === 'object' && value !== null) {
      Object.assign(flat, flatten(value as Record<string, unknown>, `${prefix}${key}.`));
    }
  }
  return flat;
}
