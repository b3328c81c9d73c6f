/**
 * The packages that only building needs: `assemblyscript`, and of jco the library with wasm-tools inside. They are optional
 * peers of the published package, so they are loaded when a build wants them, and a missing one is an
 * error that says how to install it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { WeirError } from '../host/errors.ts';
import { buildErrors } from './errors.ts';

export type WasmTools = typeof import('@bytecodealliance/jco-transpile/wasm-tools');

export interface Toolchain {
  readonly wasmTools: WasmTools;
  /** Versions of the packages, for telling whether a result is still good. */
  readonly versions: string;
}

const packages = ['assemblyscript', '@bytecodealliance/jco-transpile'] as const;

/** How to install what is missing. */
export const INSTALL_COMMAND =
  'npm install --save-dev assemblyscript@0.28.20 @bytecodealliance/jco-transpile@0.15.0';

let loaded: Promise<Toolchain> | undefined;

/** @throws WeirError `WEIR_BUILD_TOOLCHAIN_MISSING` */
export function loadToolchain(): Promise<Toolchain> {
  loaded ??= load((name) => import.meta.resolve(name)).catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

/** `loadToolchain` with another way to find a module's URL, for its test. */
export async function load(resolve: (name: string) => string): Promise<Toolchain> {
  try {
    resolve('assemblyscript/asc'); // imported by the thread that compiles
    const wasmTools: WasmTools = await import(resolve('@bytecodealliance/jco-transpile/wasm-tools'));
    return { wasmTools, versions: packages.map(versionOf).join(' ') };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException | undefined)?.code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new WeirError(
      buildErrors.WEIR_BUILD_TOOLCHAIN_MISSING,
      `building an extension needs packages that are not installed: ${packages.join(', ')}`,
      { hint: INSTALL_COMMAND, cause },
    );
  }
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return `${name}@${JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')).version}`;
    } catch {
      // not in this folder: look further up, as Node does
    }
  }
  return name;
}
