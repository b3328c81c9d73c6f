/**
 * The manifest: what an extension provider says about itself. The toolchain writes it as JSON into a
 * custom section of the component, so that one `.wasm` file is self-contained; here is its schema, and
 * the reader. The reader looks at the framing of sections alone: what the component really exports
 * and imports is `describeComponent`'s to tell, and whoever loads a provider trusts that, not this.
 */
import { z } from 'zod';
import { WeirError } from '../errors.ts';
import { addCustomSection, customSections } from './custom-sections.ts';
import { extensionErrors } from './errors.ts';

/** Name of the custom section. */
export const MANIFEST_SECTION = 'weir:manifest';

/** Longest manifest that is read, bytes: a config schema may be long, but not this long. */
const MANIFEST_BYTES_MAX = 1024 * 1024;

/** `urn:<namespace>:extension:<id>`; a segment holds lower-case letters, digits, `.`, `_` and `-`. */
export const urnSchema = z
  .string()
  .regex(/^urn:[a-z0-9._-]+:extension:[a-z0-9._-]+$/, 'expected urn:<namespace>:extension:<id>');

export const versionSchema = z
  .string()
  .regex(
    /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/,
    'expected a semantic version such as 1.0.0',
  );

/** A JSON Schema; that its keywords make sense is checked where it is used. */
export const configSchemaSchema = z.record(z.string(), z.unknown());

/**
 * Who shares a component instance of a passive provider. `per-pipeline`: all consumers of one pipeline
 * instance. `per-consumer`: each consuming node has one of its own.
 */
export const instancePolicySchema = z.enum(['per-pipeline', 'per-consumer']);

/** The schema of the embedded manifest. Keys that a later version may add are let through, unread. */
export const manifestSchema = z.object({
  urn: urnSchema,
  version: versionSchema,
  /** One line for a person. */
  description: z.string().min(1),
  /** Where its documentation stands: a link that people follow, so no `javascript:`. */
  documentation: z.url({ protocol: /^https?$/ }).optional(),
  /** Interfaces that it says it exports, by full name, e.g. `weir:capability/rate-limiter@0.1.0`. */
  exports: z.array(z.string()),
  /** Interfaces that it says it imports, by full name: the permissions that it would need. */
  imports: z.array(z.string()),
  /** The JSON Schema of its `config`; absent means that it takes none. */
  config: configSchemaSchema.optional(),
  instances: instancePolicySchema.default('per-pipeline'),
});

export type Manifest = Readonly<z.infer<typeof manifestSchema>>;
export type InstancePolicy = z.infer<typeof instancePolicySchema>;

/**
 * The manifest in a component binary, or undefined when it has none.
 * @throws WeirError `WEIR_EXTENSION_MANIFEST` when there is one and it is malformed. Bytes that are not
 * a component at all are not reported here: decoding the component does that better.
 */
export function readManifest(bytes: Uint8Array): Manifest | undefined {
  const payload = customSections(bytes).find(({ name }) => name === MANIFEST_SECTION)?.payload;
  if (payload === undefined) return undefined;
  if (payload.byteLength > MANIFEST_BYTES_MAX) {
    throw malformed(`it has ${payload.byteLength} bytes; at most ${MANIFEST_BYTES_MAX} are read`);
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (cause) {
    throw malformed('it is not JSON', cause);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) throw malformed(z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}

/** `component` with `manifest` embedded, as a new array. The component must hold no manifest yet. */
export function embedManifest(component: Uint8Array, manifest: Manifest): Uint8Array {
  return addCustomSection(component, MANIFEST_SECTION, new TextEncoder().encode(JSON.stringify(manifest)));
}

function malformed(why: string, cause?: unknown): WeirError {
  return new WeirError(
    extensionErrors.WEIR_EXTENSION_MANIFEST,
    `the manifest in the custom section "${MANIFEST_SECTION}" is malformed: ${why}`,
    { hint: 'build the extension again with `weir build`', cause },
  );
}
