/**
 * A guest's folder in, a component out. The steps, each a file of its own: manifest → WIT of its world → decoded type → bindings →
 * core module → component with the manifest embedded. See README.md for why it goes this way round.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describeComponent } from '../host/component/decode/describe.ts';
import type { ComponentType } from '../host/component/index.ts';
import { WeirError } from '../host/errors.ts';
import { embedManifest, type Manifest, readManifest } from '../host/extension/manifest.ts';
import { packageFile } from '../host/package.ts';
import { type Bindings, generateBindings } from './bindings/generate.ts';
import { compileInThread } from './compiler-thread.ts';
import { coreImports, renameExports } from './core-module.ts';
import { buildErrors } from './errors.ts';
import { digestOf, GENERATED, upToDate, writeGenerated, writeStamp, writeWhole } from './generated-folder.ts';
import { type GuestManifest, loadGuestManifest, MANIFEST_FILE } from './guest-manifest.ts';
import { loadToolchain, type Toolchain } from './toolchain.ts';
import {
  dummyComponent,
  fullInterfaceName,
  messageOf,
  type Wit,
  witFolder,
  withWeirPackages,
  worldOf,
} from './wit.ts';

/** What a build is at; `unchanged` when there was nothing to do. */
export type BuildStep = 'bindings' | 'compile' | 'component' | 'unchanged';

export interface BuildOptions {
  readonly onProgress?: (step: BuildStep) => void;
  /** Build even if nothing changed. */
  readonly force?: boolean;
}

export interface BuiltGuest {
  /** The component's file: `<folder>/<folder's name>.wasm`. */
  readonly wasm: string;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
  /** False when the file was up to date. */
  readonly built: boolean;
}

/**
 * Build the guest in `folder`, unless it is up to date.
 * @throws WeirError `WEIR_BUILD_…`; messages name files and lines of the guest
 */
export async function buildGuest(folder: string, options: BuildOptions = {}): Promise<BuiltGuest> {
  const wasm = path.join(folder, `${path.basename(path.resolve(folder))}.wasm`);
  const toolchain = await loadToolchain();
  const toolchainDigest = digestOf(`${toolchain.versions} ${sourcesDigest()}`);
  if (options.force !== true) {
    const bytes = await upToDate(folder, wasm, toolchainDigest);
    const manifest = bytes && readManifest(bytes);
    if (bytes && manifest) {
      options.onProgress?.('unchanged');
      return { wasm, bytes, manifest, built: false };
    }
  }
  const inputs = new Map<string, string>();
  const { bytes, manifest } = await build(folder, toolchain, inputs, options);
  await writeWhole(wasm, bytes);
  await writeStamp(folder, {
    toolchain: toolchainDigest,
    inputs: Object.fromEntries([...inputs].sort(([a], [b]) => (a < b ? -1 : 1))),
    output: digestOf(bytes),
  });
  return { wasm, bytes, manifest, built: true };
}

async function build(
  folder: string,
  toolchain: Toolchain,
  inputs: Map<string, string>,
  { onProgress }: BuildOptions,
): Promise<{ bytes: Uint8Array; manifest: Manifest }> {
  const manifest = await loadGuestManifest(folder);
  inputs.set(MANIFEST_FILE, digestOf(await readFile(path.join(folder, MANIFEST_FILE))));

  onProgress?.('bindings');
  const wit = await witOf(folder, manifest, inputs);
  const where = path.join(folder, manifest.world ?? MANIFEST_FILE);
  const type = describeComponent(await dummyComponent(wit, toolchain.wasmTools, where));
  const source = path.posix.normalize(manifest.source);
  const bindings = generateBindings(type, `../${source.replace(/\.ts$/, '')}`);
  const files = new Map([...libraryFiles(bindings), ...bindings.files]);
  await writeGenerated(folder, files);

  onProgress?.('compile');
  const compiled = await compileInThread({
    folder,
    entry: `${GENERATED}/guest.ts`,
    source,
    functions: bindings.functions,
    files: new Map([...files].map(([name, text]) => [`${GENERATED}/${name}`, text])),
  });
  if (compiled.kind !== 'module') {
    const code = compiled.kind === 'exports' ? buildErrors.WEIR_BUILD_EXPORT : buildErrors.WEIR_BUILD_COMPILE;
    throw new WeirError(code, compiled.messages.join('\n'));
  }
  for (const [file, digest] of compiled.inputs) inputs.set(file, digest);
  const core = compiled.wasm;
  checkImports(core, bindings, path.join(folder, source));

  onProgress?.('component');
  const component = await componentOf(renameExports(core, bindings.exportNames), wit, toolchain, where);
  const embedded = embeddedManifest(manifest, describeComponent(component));
  return { bytes: embedManifest(component, embedded), manifest: embedded };
}

async function witOf(folder: string, manifest: GuestManifest, inputs: Map<string, string>): Promise<Wit> {
  if (manifest.world === undefined) {
    return worldOf(
      (manifest.exports ?? []).map(fullInterfaceName),
      (manifest.imports ?? []).map(fullInterfaceName),
    );
  }
  try {
    const text = await readFile(path.join(folder, manifest.world), 'utf8');
    inputs.set(manifest.world, digestOf(text));
    return withWeirPackages(text, manifest['world-name']!);
  } catch (cause) {
    throw new WeirError(
      buildErrors.WEIR_BUILD_WIT,
      `${path.join(folder, manifest.world)} cannot be read (${(cause as NodeJS.ErrnoException).code}); ${MANIFEST_FILE} names it as its \`world\``,
      { cause },
    );
  }
}

const libraryFolder = packageFile('build', 'library');

function libraryFiles(bindings: Bindings): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of readdirSync(libraryFolder)) {
    const text = readFileSync(path.join(libraryFolder, name), 'utf8');
    files.set(name, name === 'wit.ts' ? text + bindings.tuples : text);
  }
  return files;
}

/** How to do without what AssemblyScript's library wants of a browser or of Node, by what is imported. */
const instead: Readonly<Record<string, string>> = {
  'console.log': 'use `write` of weir:extension/log',
  trace: 'use `write` of weir:extension/log',
  'Date.now': 'use `nowMs` of weir:extension/clock',
  'performance.now': 'use `monotonicNs` of weir:extension/clock',
};

function checkImports(core: Uint8Array, bindings: Bindings, source: string): void {
  const strange = coreImports(core).filter(({ module }) => !bindings.coreImports.has(module));
  if (strange.length === 0) return;
  const list = strange.map(({ module, field }) => {
    const advice = instead[field];
    return `${source}: it imports "${field}" of "${module}", which its world does not have${advice === undefined ? '' : `; ${advice}`}`;
  });
  throw new WeirError(buildErrors.WEIR_BUILD_IMPORT, list.join('\n'));
}

async function componentOf(
  core: Uint8Array,
  wit: Wit,
  { wasmTools }: Toolchain,
  where: string,
): Promise<Uint8Array> {
  try {
    const embedded = await wasmTools.componentEmbed({
      binary: core,
      witSource: wit.text,
      world: wit.world,
      stringEncoding: 'utf16',
      features: { tag: 'all' },
    });
    return await wasmTools.componentNew(embedded);
  } catch (cause) {
    throw new WeirError(buildErrors.WEIR_BUILD_WIT, `${where}: ${messageOf(cause)}`, { cause });
  }
}

/** What goes into the component: its interfaces as they turned out, unused imports left out. */
function embeddedManifest(manifest: GuestManifest, type: ComponentType): Manifest {
  const withFunctions = (externs: ComponentType['imports']) =>
    externs
      .filter(
        ({ type: of }) => of.kind === 'instance' && of.exports.some((member) => member.type.kind === 'func'),
      )
      .map(({ name }) => name);
  return {
    urn: manifest.urn,
    version: manifest.version,
    description: manifest.description,
    documentation: manifest.documentation,
    exports: withFunctions(type.exports),
    imports: withFunctions(type.imports),
    config: manifest.config,
    instances: manifest.instances,
  };
}

let digest: string | undefined;

/** A digest of everything of Weir's own that a component is made from. */
function sourcesDigest(): string {
  if (digest === undefined) {
    const folders = [
      import.meta.dirname,
      path.join(import.meta.dirname, 'bindings'),
      libraryFolder,
      ...witFolders(),
    ];
    const texts = folders.flatMap((folder) =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => `${entry.name}\n${readFileSync(path.join(folder, entry.name), 'utf8')}`),
    );
    digest = digestOf(texts.join('\n'));
  }
  return digest;
}

function witFolders(): string[] {
  return readdirSync(witFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(witFolder, entry.name));
}
