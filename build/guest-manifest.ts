/**
 * `weir.yaml`, what an author writes about a guest. What ends up in the component is the manifest of
 * `host/extension/manifest.ts`, whose schemas are used here; the keys about building are left behind.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { WeirError } from '../host/errors.ts';
import {
  configSchemaSchema,
  instancePolicySchema,
  urnSchema,
  versionSchema,
} from '../host/extension/manifest.ts';
import { buildErrors } from './errors.ts';

export const MANIFEST_FILE = 'weir.yaml';

const interfaceName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*(@[0-9A-Za-z.+-]+)?$/,
    'expected an interface such as weir:capability/rate-limiter',
  );

const schema = z
  .strictObject({
    urn: urnSchema,
    version: versionSchema,
    description: z.string().min(1),
    documentation: z.url().optional(),
    /** The AssemblyScript entry, relative to the folder. */
    source: z
      .string()
      .regex(/^[^/\\].*\.ts$/, 'expected a .ts file, relative to this folder')
      .default('extension.ts'),
    exports: z.array(interfaceName).min(1).optional(),
    imports: z.array(interfaceName).optional(),
    config: configSchemaSchema.optional(),
    instances: instancePolicySchema.default('per-pipeline'),
    /** A WIT file of the guest's own, in place of `exports` and `imports`. */
    world: z.string().endsWith('.wit').optional(),
    'world-name': z.string().optional(),
  })
  .check((context) => {
    const { value, issues } = context;
    const complain = (key: string, message: string) => {
      issues.push({ code: 'custom', path: [key], message, input: value });
    };
    if (value.world === undefined) {
      if (value.exports === undefined)
        complain('exports', 'expected a list of the interfaces that it exports');
      if (value['world-name'] !== undefined) complain('world-name', 'it goes with `world`, which is missing');
      return;
    }
    if (value['world-name'] === undefined) complain('world', 'expected `world-name` beside it');
    for (const key of ['exports', 'imports'] as const) {
      if (value[key] !== undefined) complain(key, 'with `world`, the WIT file says this');
    }
  });

/** A `weir.yaml`, checked. Interface names may lack their version. */
export type GuestManifest = z.infer<typeof schema>;

/** @throws WeirError `WEIR_BUILD_MANIFEST` that lists everything wrong, each with file:line:column */
export async function loadGuestManifest(folder: string): Promise<GuestManifest> {
  const file = path.join(folder, MANIFEST_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new WeirError(
      buildErrors.WEIR_BUILD_MANIFEST,
      `${file} cannot be read (${(cause as NodeJS.ErrnoException).code}); expected the manifest of an extension there`,
      { cause },
    );
  }
  return parseGuestManifest(text, file);
}

/** `loadGuestManifest` on text; `file` is for messages. */
export function parseGuestManifest(text: string, file: string): GuestManifest {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const found: { offset: number; message: string }[] = document.errors.map((error) => ({
    offset: error.pos[0],
    message: error.message.split('\n')[0]!,
  }));
  if (found.length === 0) {
    const parsed = schema.safeParse(document.toJS());
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
      for (const key of keys) {
        const at = key === undefined ? issue.path : [...issue.path, key];
        const what =
          key === undefined
            ? issue.message
            : `unknown key; known are ${Object.keys(schema.shape).join(', ')}`;
        found.push({
          offset: offsetOf(document, at),
          message: at.length === 0 ? what : `${at.join('.')}: ${what}`,
        });
      }
    }
  }
  const places = found.map(({ offset, message }) => {
    const { line, col } = lines.linePos(offset);
    return { position: { file, line, column: col }, message };
  });
  throw new WeirError(
    buildErrors.WEIR_BUILD_MANIFEST,
    places
      .map(({ position, message }) => `${position.file}:${position.line}:${position.column}: ${message}`)
      .join('\n'),
    { position: places[0]!.position },
  );
}

/** Where the value at `keys` begins, or what holds it when it is missing. */
function offsetOf(document: ReturnType<typeof parseDocument>, keys: readonly PropertyKey[]): number {
  for (let depth = keys.length; depth >= 0; depth--) {
    const node = document.getIn(keys.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
