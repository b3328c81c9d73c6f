/** The host's log: pino's JSON lines, to wherever the caller wants them and into the engine's telemetry. */
import { type Level, type Logger, multistream, pino } from 'pino';

/** Takes one JSON line at a time. pino-pretty's stream and `pino.destination` are such. */
export interface LogDestination {
  write(line: string): void;
}

export interface LogOptions {
  /** `info` unless given. */
  readonly level?: Level;
  readonly destination: LogDestination;
}

/** A logger to `options.destination` and `tee`; one that is silent when there is neither. */
export function createLog(options: LogOptions | undefined, tee: LogDestination | undefined): Logger {
  const level = options?.level ?? 'info';
  const streams = [options?.destination, tee].filter((stream) => stream !== undefined);
  if (streams.length === 0) return pino({ enabled: false });
  return pino({ level }, multistream(streams.map((stream) => ({ level, stream }))));
}
