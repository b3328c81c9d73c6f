/** Configurations of the end-to-end tests: the guests of this repository, on a port that is free. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { buildGuest } from '../../build/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const guests = resolve(import.meta.dirname, '../../guests');

export const TOKEN = 'end-to-end';

/** The component of a guest, built if need be. */
export async function guest(name: string): Promise<string> {
  return resolve((await buildGuest(join(guests, name))).wasm);
}

export async function authorizer(): Promise<unknown> {
  const sha256 = createHash('sha256').update(TOKEN).digest('hex');
  return {
    wasm: await guest('token-authorizer'),
    config: { tokens: [{ sha256, principal: 'tester' }] },
  };
}

export interface TestConfig {
  readonly folder: string;
  /** The configuration's path. */
  readonly file: string;
}

/** Write a configuration of one pipeline into a folder of its own. */
export async function writeConfig(
  pipeline: Record<string, unknown>,
  rest: Record<string, unknown> = {},
): Promise<TestConfig> {
  const folder = await temporaryFolder();
  const file = join(folder, 'pipeline.yaml');
  const config = { version: 'weir/v1', ...rest, groups: { default: { pipelines: { main: pipeline } } } };
  writeFileSync(file, stringify(config, { aliasDuplicateObjects: false }));
  return { folder, file };
}

/** Connections that lead through the named nodes in a row. */
export function inARow(...nodes: string[]): { from: string; to: string }[] {
  return nodes.slice(1).map((to, i) => ({ from: nodes[i]!, to }));
}
