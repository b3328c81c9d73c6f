/**
 * `grants:` of an extension's entry: its shape, and whether the folders that it names are there. What a
 * grant lets a guest do is the sandbox's to say; whether a component can do with those that it has, the
 * component's (`ProviderFacts.checkGrants`).
 */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { parseOrigin } from '../origin.ts';
import type { Entry } from './document.ts';
import { configErrors } from './errors.ts';
import type { GrantsConfig } from './model.ts';
import type { Report } from './report.ts';
import { fileProblems } from './substitution.ts';

const folderSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .refine((path) => !path.includes('\0'), { error: 'expected a path without a zero byte' })
    .describe("A folder, relative to the configuration's."),
  mode: z.enum(['read', 'write']).describe('`read`, or `write` to change what is in it as well.'),
});

const variableName = z.string().regex(/^[^=\0]+$/, {
  error: 'expected the name of an environment variable, without a value',
});

const originSchema = z.string().transform((written, context) => {
  const { origin, problem } = parseOrigin(written);
  if (origin !== undefined) return origin;
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});

export const grantsSchema = z
  .strictObject({
    http: z
      .array(originSchema)
      .default([])
      .describe('Origins that requests may go to: `[https://api.example.com]`.'),
    fs: z
      .array(folderSchema)
      .default([])
      .describe('Folders that the guest sees: `[{ path: ./data, mode: read }]`.'),
    env: z.array(variableName).default([]).describe('Names of environment variables that the guest sees.'),
    random: z.boolean().default(false).describe('Unpredictable bytes.'),
    stdout: z
      .boolean()
      .default(false)
      .describe("The process's own standard output and error; without it, lines go to the log."),
  })
  .prefault({})
  .describe('What it may do beyond computing, logging, reading the clock and setting timers.');

/** The grants as the model has them. `folder` is what relative paths are relative to. */
export function grantsOf(read: z.output<typeof grantsSchema>, folder: string): GrantsConfig {
  const { http, env, random, stdout } = read;
  return {
    http,
    fs: read.fs.map(({ path, mode }) => ({ path: resolve(folder, path), name: path, mode })),
    env,
    random,
    stdout,
  };
}

/** Report granted folders that do not exist. `extension` is the entry that `grants` were read from. */
export async function checkFolders(extension: Entry, grants: GrantsConfig, report: Report): Promise<void> {
  const items = extension.fields?.get('grants')?.fields?.get('fs')?.items ?? [];
  for (const [i, { path }] of grants.fs.entries()) {
    const problem = await folderProblem(path);
    const entry = items[i]?.fields?.get('path');
    if (problem === undefined || entry === undefined) continue;
    report.value(
      configErrors.WEIR_CONFIG_FILE,
      entry,
      `the folder ${path} cannot be granted: ${problem}`,
      "paths are relative to the configuration's folder",
    );
  }
}

async function folderProblem(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isDirectory() ? undefined : 'it is not a folder';
  } catch (error) {
    return fileProblems[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;
  }
}
