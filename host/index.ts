// What `weir-runtime` exports; nothing else may stand here.
export { type ConfigError, InvalidConfigError } from './config/errors.ts';
export type { ConfigText } from './config/load.ts';
export type { ConfigSource } from './engine/configuration.ts';
export {
  Engine,
  type EngineOptions,
  type EngineState,
  type EngineStatus,
  type StopOptions,
  type StopResult,
} from './engine/engine.ts';
export type { PipelineEvent, PipelineStatus } from './engine/engine-pipeline.ts';
export type { LogDestination, LogOptions } from './engine/log.ts';
export { type ErrorCode, type SourcePosition, WeirError } from './errors.ts';
export type { ExtensionStatus, InstanceStatus } from './extension/status.ts';
export type { NodeStatus } from './pipeline/counters.ts';
