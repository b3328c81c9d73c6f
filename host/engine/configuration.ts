/**
 * A configuration as the engine takes it: a file, its text, or an object. Checks it against the node
 * types and the capabilities that this engine has, and against the components that it names.
 */
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { InvalidConfigError } from '../config/errors.ts';
import { type ConfigText, type LoadResult, loadConfig } from '../config/load.ts';
import type { EngineConfig } from '../config/model.ts';
import { loadProvider } from '../extension/provider.ts';
import { nodeTypes } from '../nodes/index.ts';

/**
 * Where a configuration comes from: the path of a YAML file, its text, or a plain object of the same
 * shape. Paths in an object are relative to the working directory.
 */
export type ConfigSource = string | ConfigText | Readonly<Record<string, unknown>>;

/** Read and check; starts nothing. Never rejects for a fault of the configuration's. */
export function checkConfig(source: ConfigSource): Promise<LoadResult> {
  return loadConfig(asText(source), {
    nodeTypes,
    describeProvider: (wasm, limits) => loadProvider(wasm, undefined, limits),
  });
}

/** Read and check. @throws InvalidConfigError with every error there is */
export async function readConfig(source: ConfigSource): Promise<EngineConfig> {
  const { config, errors } = await checkConfig(source);
  if (errors !== undefined) throw new InvalidConfigError(errors);
  return config;
}

function asText(source: ConfigSource): string | ConfigText {
  if (typeof source === 'string') return source;
  if (typeof source.text === 'string' && typeof source.file === 'string') return source as ConfigText;
  return { text: stringify(source), file: resolve('config-object.yaml') };
}
