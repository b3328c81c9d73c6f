/** A batch: one OTLP export request, as protobuf bytes. Nothing parses it that does not need to. */

export type Signal = 'logs' | 'metrics' | 'traces';

export interface Batch {
  readonly signal: Signal;
  /**
   * `ExportLogsServiceRequest`, `ExportMetricsServiceRequest` or `ExportTraceServiceRequest`.
   * Never written to once sent: several nodes may hold it.
   */
  readonly bytes: Uint8Array;
  /** True for the engine's own telemetry: handling it must make none. */
  readonly selfTelemetry?: boolean;
}
