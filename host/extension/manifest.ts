/**
 * The manifest: what an extension provider says about itself. The toolchain writes it as JSON into a
 * custom section of the component, so that one `.wasm` file is self-contained; here is its schema, and
 * the reader. The reader looks at the framing of sections alone: what the component really exports
 * and imports is `describeComponent`'s to tell, and whoever loads a provider trusts that, not this.
 */
import { z } from 'zod';
import { WeirError } from '../errors.ts';
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
  const payload = customSection(bytes, MANIFEST_SECTION);
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
  const text = new TextEncoder();
  const name = text.encode(MANIFEST_SECTION);
  const json = text.encode(JSON.stringify(manifest));
  const body = [...leb(name.length), ...name];
  const head = [0, ...leb(body.length + json.length), ...body];
  const out = new Uint8Array(component.length + head.length + json.length);
  out.set(component);
  out.set(head, component.length);
  out.set(json, component.length + head.length);
  return out;
}

function malformed(why: string, cause?: unknown): WeirError {
  return new WeirError(
    extensionErrors.WEIR_EXTENSION_MANIFEST,
    `the manifest in the custom section "${MANIFEST_SECTION}" is malformed: ${why}`,
    { hint: 'build the extension again with `weir build`', cause },
  );
}

/** The contents of the first top-level custom section called `name`; undefined where framing breaks off. */
function customSection(bytes: Uint8Array, name: string): Uint8Array | undefined {
  const wanted = new TextEncoder().encode(name);
  let at = 8; // magic and version
  while (at < bytes.length) {
    const id = bytes[at];
    const size = readLeb(bytes, at + 1);
    if (size === undefined || size.end + size.value > bytes.length) return undefined;
    const end = size.end + size.value;
    if (id === 0) {
      const length = readLeb(bytes, size.end);
      if (length === undefined || length.end + length.value > end) return undefined;
      const found = bytes.subarray(length.end, length.end + length.value);
      if (found.length === wanted.length && found.every((byte, i) => byte === wanted[i])) {
        return bytes.subarray(length.end + length.value, end);
      }
    }
    at = end;
  }
  return undefined;
}

function readLeb(bytes: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: start + i + 1 };
  }
  return undefined;
}

function leb(value: number): number[] {
  const out: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...out, rest];
    out.push((rest & 0x7f) | 0x80);
  }
}
