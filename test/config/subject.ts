/** What the tests of this folder load: a few small node types, and a pipeline which is right. */
import { z } from 'zod';
import { BearerTokenAuthorizer, RateLimiter } from '../../host/capability/contracts.ts';
import type { DescribeProvider } from '../../host/config/bindings.ts';
import type { ConfigError } from '../../host/config/errors.ts';
import { type LoadOptions, type LoadResult, loadConfig } from '../../host/config/load.ts';
import type { EngineConfig } from '../../host/config/model.ts';
import { byteSize, duration } from '../../host/config/units.ts';
import type { NodeType } from '../../host/pipeline/node.ts';

/** Nothing is ever started here. */
const create = (): never => {
  throw new TypeError('a configuration is checked without making nodes');
};

export const nodeTypes: readonly NodeType[] = [
  {
    type: 'receiver:otlp',
    kind: 'receiver',
    description: 'Takes OTLP.',
    schema: z.strictObject({
      listen: z.string().default('127.0.0.1:4318').describe('Address and port.'),
      max_request_bytes: byteSize().prefault('4 MiB'),
      workers: z.int().min(1).default(1),
      verbose: z.boolean().default(false),
      tls: z
        .union([z.literal(false), z.strictObject({ cert: z.string().describe('Path to the certificate.') })])
        .default(false),
    }),
    capabilities: [{ contract: BearerTokenAuthorizer, required: false }],
    create,
  },
  {
    type: 'processor:wasm',
    kind: 'processor',
    description: 'Hands batches to a guest.',
    schema: z.strictObject({ on_fault: z.enum(['nack', 'drop', 'pass']).default('nack') }),
    capabilities: [],
    takesGuest: true,
    create,
  },
  {
    type: 'processor:rate_limit',
    kind: 'processor',
    description: 'Holds back what exceeds a quota.',
    schema: z.strictObject({ retry_after: duration({ min: 1 }).default(1000) }),
    capabilities: [{ contract: RateLimiter, required: true }],
    create,
  },
  {
    type: 'exporter:file',
    kind: 'exporter',
    description: 'Writes to a file.',
    schema: z.strictObject({
      path: z.string().describe('Where to write.'),
      headers: z.record(z.string(), z.string()).default({}),
      tags: z.array(z.string()).default([]),
    }),
    capabilities: [],
    create,
  },
  {
    type: 'exporter:noop',
    kind: 'exporter',
    description: 'Forgets.',
    schema: z.strictObject({}),
    capabilities: [],
    create,
  },
];

/** The pipeline `main` of the group `default` with these nodes and connections, and maybe extensions. */
export function pipeline(parts: { extensions?: string; nodes?: string; connections?: string }): string {
  const section = (name: string, body: string | undefined, otherwise: string) =>
    `        ${name}:${(body ?? otherwise).replaceAll(/\n\s*(?=\S)/g, '\n          ')}\n`;
  return `version: weir/v1
groups:
  default:
    pipelines:
      main:
${parts.extensions === undefined ? '' : section('extensions', parts.extensions, '')}${section(
  'nodes',
  parts.nodes,
  '\nin: { type: receiver:otlp }\nout: { type: exporter:noop }',
)}${section('connections', parts.connections, ' [{ from: in, to: out }]')}`;
}

export function load(
  text: string,
  options: Partial<LoadOptions> & { file?: string } = {},
): Promise<LoadResult> {
  const { file = 'pipelines.yaml', ...rest } = options;
  return loadConfig({ text, file }, { nodeTypes, env: {}, ...rest });
}

export async function loaded(text: string, options?: Parameters<typeof load>[1]): Promise<EngineConfig> {
  const result = await load(text, options);
  if (result.errors !== undefined)
    throw new TypeError(`refused: ${JSON.stringify(result.errors, undefined, 2)}`);
  return result.config;
}

export async function errorsOf(
  text: string,
  options?: Parameters<typeof load>[1],
): Promise<readonly ConfigError[]> {
  const { errors } = await load(text, options);
  if (errors === undefined) throw new TypeError('it was accepted');
  return errors;
}

/** `line:column code`, and what the file says there: short enough to compare whole lists. */
export function places(errors: readonly ConfigError[]): string[] {
  return errors.map(({ position, code, frame }) => {
    const { line, column } = position;
    const there = frame?.lines.at(-1)?.slice(column - 1, column - 1 + frame.length);
    return `${line}:${column} ${code.replace('WEIR_', '')} ${there}`;
  });
}

/** Providers by the name of their file. */
export function providers(byFile: Record<string, Awaited<ReturnType<DescribeProvider>>>): DescribeProvider {
  return async (wasm) => {
    const facts = byFile[wasm.split('/').at(-1)!];
    if (facts === undefined) throw new TypeError(`unexpected component ${wasm}`);
    return facts;
  };
}

/** Code and underlined text: like `places`, for tests in which columns would only be counted by hand. */
export function underlined(errors: readonly ConfigError[]): string[] {
  return places(errors).map((place) => place.replace(/^\S+ /, ''));
}
