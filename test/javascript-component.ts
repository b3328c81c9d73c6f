/**
 * Components made of TypeScript or JavaScript by another toolchain than Weir's: componentize-qjs, which puts
 * QuickJS into them, with Rust's standard library beneath it. Making one takes seconds, so it is kept.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { componentize } from 'componentize-qjs';

/** The version of WASI whose packages are there for a world to import. */
export const WASI_VERSION = '0.2.12';

const ROOT = join(import.meta.dirname, '..');
const CACHE = join(ROOT, 'node_modules/.cache/weir-tests');

/** Weir's own packages, as folders of `wit/`. */
const WEIR = ['capability', 'extension', 'processor'];

export interface ComponentSource {
  /** A package of WIT that holds `world`; it may use WASI's packages and Weir's. */
  readonly wit: string;
  readonly world: string;
  /** An ES module: an export for each interface of the world, by its name in camelCase. */
  readonly source: string;
}

export async function javascriptComponent(from: ComponentSource): Promise<Uint8Array> {
  const packages = await Promise.all(
    WEIR.map(async (name) => [name, await readFile(join(ROOT, 'wit', name, `${name}.wit`), 'utf8')] as const),
  );
  const digest = createHash('sha256')
    .update(JSON.stringify([from, packages, process.version]))
    .digest('hex');
  const file = join(CACHE, `${digest}.wasm`);
  try {
    return await readFile(file);
  } catch {
    await mkdir(CACHE, { recursive: true });
    const folder = await mkdtemp(join(CACHE, 'making-'));
    try {
      const made = join(folder, 'component.wasm');
      await writeFile(made, await make(folder, from, packages));
      await rename(made, file);
    } finally {
      await rm(folder, { recursive: true });
    }
    return readFile(file);
  }
}

async function make(
  folder: string,
  { wit, world, source }: ComponentSource,
  packages: readonly (readonly [string, string])[],
): Promise<Uint8Array> {
  const witPath = join(folder, 'wit');
  const wasi = new URL(`../lib/wit/builtin/${WASI_VERSION}`, import.meta.resolve('@bytecodealliance/jco'));
  await cp(fileURLToPath(wasi), join(witPath, 'deps'), { recursive: true });
  for (const [name, text] of packages) await writeFile(join(witPath, 'deps', `${name}.wit`), text);
  await writeFile(join(witPath, 'world.wit'), wit);
  return (await componentize({ witPath, jsSource: stripTypeScriptTypes(source), world })).component;
}
