/**
 * Component bytes → JavaScript glue and core modules, by jco, kept in a folder on disk: transpiling
 * costs a tenth of a second and more, reading the result a millisecond.
 *
 * The folder is safe to share between processes: an entry is written beside its place and renamed
 * into it, so whoever finds one finds a whole one. Instantiation is `instance.ts`'s.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DecodeError } from '../../../host/component/errors.ts';

/** What jco's generated module exports in its `sync` instantiation mode. */
export type Glue = (
  getCoreModule: (path: string) => WebAssembly.Module,
  imports: Record<string, unknown>,
  instantiateCore: (module: WebAssembly.Module, imports?: WebAssembly.Imports) => WebAssembly.Instance,
) => Record<string, unknown>;

export interface Transpiled {
  readonly glue: Glue;
  /** Core modules by the path under which the glue asks for them. */
  readonly coreModules: ReadonlyMap<string, Uint8Array>;
}

const GLUE = 'component.js';

/** Part of every cache key: raise it when the options given to jco, or the changes to its output, change. */
const OPTIONS_REVISION = 3;

/**
 * Transpile `bytes`, or read what an earlier call left in the cache.
 * @param digest SHA-256 of `bytes`, lower-case hex
 * @param imports names of the component's imports
 * @throws DecodeError when jco does not accept the bytes as a component
 */
export async function transpile(
  bytes: Uint8Array,
  digest: string,
  imports: readonly string[],
): Promise<Transpiled> {
  const folder = join(cacheFolder(), `jco-${jcoVersion()}-${OPTIONS_REVISION}-${digest}`);
  let names = await filesIn(folder);
  if (names === undefined) {
    await fill(folder, await generate(bytes, imports));
    names = (await filesIn(folder)) ?? [];
  }
  const coreModules = new Map<string, Uint8Array>();
  for (const name of names) {
    if (name.endsWith('.wasm')) coreModules.set(name, await readFile(join(folder, name)));
  }
  const module = (await import(/* @vite-ignore */ pathToFileURL(join(folder, GLUE)).href)) as {
    instantiate: Glue;
  };
  return { glue: module.instantiate, coreModules };
}

/**
 * The same for bytes that no later run will ask for: nothing is written to disk.
 * @throws DecodeError when jco does not accept the bytes as a component
 */
export async function transpileOnce(bytes: Uint8Array, imports: readonly string[]): Promise<Transpiled> {
  const files = Object.entries(await generate(bytes, imports));
  const glue = Buffer.from(files.find(([name]) => name === GLUE)![1]).toString('base64');
  const module = (await import(/* @vite-ignore */ `data:text/javascript;base64,${glue}`)) as {
    instantiate: Glue;
  };
  const coreModules = files.filter(([name]) => name.endsWith('.wasm')) as [string, Uint8Array][];
  return { glue: module.instantiate, coreModules: new Map(coreModules) };
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'weir', 'components');
}

let version: string | undefined;

function jcoVersion(): string {
  if (version === undefined) {
    // The package does not export its package.json; it stands two folders above its entry.
    const entry = createRequire(import.meta.url).resolve('@bytecodealliance/jco-transpile');
    version = String(createRequire(entry)('../package.json').version);
  }
  return version;
}

async function generate(
  bytes: Uint8Array,
  imports: readonly string[],
): Promise<Record<string, Uint8Array | string>> {
  // Loaded on first use: a warm cache needs none of it, and it weighs megabytes.
  const { transpileBytes } = await import('@bytecodealliance/jco-transpile');
  try {
    const { files } = await transpileBytes(bytes, {
      name: 'component',
      instantiation: 'sync',
      noComponentErrorWrapping: false,
      base64Cutoff: 0,
      // Without a mapping the glue asks for interfaces by names without versions.
      map: Object.fromEntries(imports.map((name) => [name, name])),
      emitTypescriptDeclarations: false,
    });
    return { ...files, [GLUE]: strict(files[GLUE]!) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const offset = /at offset 0x([0-9a-f]+)/.exec(text)?.[1];
    const cause = text.includes('Caused by:') ? text.slice(text.indexOf('Caused by:') + 10) : text;
    throw new DecodeError(
      `not a valid component: ${cause.trim().split('\n')[0]}`,
      offset === undefined ? 0 : Number.parseInt(offset, 16),
    );
  }
}

/** jco replaces invalid UTF-8 from the guest; the canonical ABI says that it traps. */
function strict(glue: Uint8Array): string {
  return Buffer.from(glue)
    .toString('utf8')
    .replace(
      /new TextDecoder\(('utf-16')?\)/g,
      (_, utf16?: string) => `new TextDecoder(${utf16 ?? "'utf-8'"}, { fatal: true, ignoreBOM: true })`,
    );
}

async function filesIn(folder: string): Promise<string[] | undefined> {
  try {
    return await readdir(folder);
  } catch {
    return undefined;
  }
}

async function fill(folder: string, files: Record<string, Uint8Array | string>): Promise<void> {
  const beside = `${folder}.${randomUUID()}`;
  await mkdir(beside, { recursive: true });
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(beside, name), content);
    await rename(beside, folder);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    // Another process was first: what it left is the same.
    if ((await filesIn(folder)) === undefined) throw error;
  }
}
