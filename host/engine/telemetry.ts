/**
 * The engine's own telemetry: its log lines and one span per batch, made with the OpenTelemetry SDK
 * and sent over OTLP/HTTP to wherever the configuration says (its own receiver, too).
 *
 * Handling self-telemetry must make none, or it would feed itself for ever:
 * - every request carries `SELF_TELEMETRY_HEADER` with a secret of this engine, by which the engine's
 *   own receiver marks the batch;
 * - of a marked batch no span is made, and while a node handles one, log lines still reach the terminal
 *   but are not recorded; nor are lines that carry `selfTelemetry: true`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import {
  type AttributeValue,
  type DiagLogger,
  DiagLogLevel,
  diag,
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
import type { Logger } from 'pino';
import type { TelemetryConfig } from '../config/model.ts';
import { SELF_TELEMETRY_HEADER } from '../nodes/receivers/otlp.ts';
import type { PipelineObserver } from '../pipeline/pipeline.ts';
import type { LogDestination } from './log.ts';

/** Set while a node handles a batch of the engine's own. */
const suppressed = new AsyncLocalStorage<true>();

/** How long log records and spans wait for company before they are sent, ms. */
const EXPORT_DELAY_MS = 500;

/** An endpoint that does not answer must not hold up the stop for long, ms. */
const STOP_WITHIN_MS = 2_000;

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
  /** Known only to this engine; a client cannot pass its telemetry off as the engine's. */
  readonly secret: string = randomBytes(16).toString('hex');
  readonly #logs: LoggerProvider;
  readonly #traces: TracerProvider;
  readonly #tracer: Tracer;

  constructor(config: TelemetryConfig) {
    const resource = resourceFromAttributes({ 'service.name': 'weir', 'process.pid': process.pid });
    const base = config.endpoint.replace(/\/+$/, '');
    const headers = { ...config.headers, [SELF_TELEMETRY_HEADER]: this.secret };
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

  /** Tell `log` when telemetry cannot be sent. */
  reportTo(log: Logger): void {
    diag.setLogger(diagLogger(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  }

  /** Takes pino's JSON lines and records them as OpenTelemetry logs. */
  logDestination(): LogDestination {
    const logger = this.#logs.getLogger('weir');
    return {
      write(line) {
        if (suppressed.getStore() === true) return;
        const {
          level,
          time,
          msg,
          pid: _pid,
          hostname: _hostname,
          selfTelemetry,
          ...fields
        } = JSON.parse(line);
        if (selfTelemetry === true) return;
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

  /** Makes one span of each batch that a receiver of `pipeline` takes. */
  observer(pipeline: string): PipelineObserver {
    return {
      taken: (receiver, batch) => {
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
      },
      handling: (batch, work) => (batch.selfTelemetry === true ? suppressed.run(true, work) : work()),
    };
  }

  /** Send what is held back, waiting at most `STOP_WITHIN_MS`, and make no more. */
  async stop(): Promise<void> {
    const sent = Promise.allSettled([this.#logs.shutdown(), this.#traces.shutdown()]);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, STOP_WITHIN_MS);
    await Promise.race([sent, late]);
    clearTimeout(timer);
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

/** The SDK's own complaints, as log lines that are not sent as telemetry in their turn. */
function diagLogger(log: Logger): DiagLogger {
  const warn = (message: string, ...details: unknown[]) =>
    log.warn({ selfTelemetry: true, details: details.map(String) }, `telemetry: ${message}`);
  const quiet = () => {};
  return { error: warn, warn, info: quiet, debug: quiet, verbose: quiet };
}
