/** What an extension gets where nothing else is said. */
import type { LimitsConfig, RestartConfig } from '../config/model.ts';

export const DEFAULT_LIMITS: LimitsConfig = {
  memoryBytes: 16 * 1024 * 1024,
  timers: 64,
  logLinesPerSecond: 100,
};

export const DEFAULT_RESTART: RestartConfig = { initialMs: 100, maxMs: 30_000, resetAfterMs: 60_000 };
