/**
 * The WIT text of a guest's world: Weir's own packages, and a world made of the interfaces that the
 * manifest lists, or the guest's own WIT. Nothing here parses WIT; wasm-tools does.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { WeirError } from '../host/errors.ts';
import { packageFile } from '../host/package.ts';
import { buildErrors } from './errors.ts';
import type { WasmTools } from './toolchain.ts';

export interface Wit {
  readonly text: string;
  readonly world: string;
}

interface WitPackage {
  /** `weir:capability` */
  readonly name: string;
  readonly version: string;
  /** As a package nested in another file: `package weir:capability@0.1.0 { … }`. */
  readonly nested: string;
}

/** Weir's own contracts. */
export const witFolder = packageFile('wit');

let packages: readonly WitPackage[] | undefined;

/** Weir's packages, in the order of their folders. */
function weirPackages(): readonly WitPackage[] {
  packages ??= readdirSync(witFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) =>
      readdirSync(path.join(witFolder, entry.name))
        .filter((file) => file.endsWith('.wit'))
        .map((file) => nest(readFileSync(path.join(witFolder, entry.name, file), 'utf8'))),
    );
  return packages;
}

const packageLine = /^package\s+([^\s@;]+)@([^\s;]+)\s*;/m;

function nest(text: string): WitPackage {
  const [, name, version] = packageLine.exec(text)!;
  return { name: name!, version: version!, nested: `${text.replace(packageLine, 'package $1@$2 {')}\n}\n` };
}

/** `weir:capability/rate-limiter` with the version of Weir's own package behind it; other names as they are. */
export function fullInterfaceName(name: string): string {
  if (name.includes('@')) return name;
  const own = weirPackages().find((one) => name.startsWith(`${one.name}/`));
  return own === undefined ? name : `${name}@${own.version}`;
}

/** A world of whole interfaces. */
export function worldOf(exports: readonly string[], imports: readonly string[]): Wit {
  const lines = [
    ...imports.map((name) => `  import ${name};`),
    ...exports.map((name) => `  export ${name};`),
  ];
  return withWeirPackages(`package weir:guest;\n\nworld guest {\n${lines.join('\n')}\n}\n`, 'guest');
}

/** A guest's own WIT; it may use Weir's packages, and may hold packages nested in it. */
export function withWeirPackages(text: string, world: string): Wit {
  const missing = weirPackages().filter((one) => !text.includes(`package ${one.name}@`));
  return { text: [text, ...missing.map((one) => one.nested)].join('\n'), world };
}

/**
 * A component of `wit` with nothing behind its exports, for decoding its type.
 * @throws WeirError `WEIR_BUILD_WIT`
 */
export async function dummyComponent(wit: Wit, wasmTools: WasmTools, where: string): Promise<Uint8Array> {
  try {
    const core = await wasmTools.componentEmbed({
      witSource: wit.text,
      world: wit.world,
      dummy: true,
      features: { tag: 'all' },
    });
    return await wasmTools.componentNew(core);
  } catch (cause) {
    throw new WeirError(buildErrors.WEIR_BUILD_WIT, `${where}: ${messageOf(cause)}`, { cause });
  }
}

/** What wasm-tools says; it puts the message in the payload. */
export function messageOf(cause: unknown): string {
  if (typeof cause === 'object' && cause !== null && 'payload' in cause) return String(cause.payload);
  return cause instanceof Error ? cause.message : String(cause);
}
