/** Guests that tests write: a folder of their own under the system's temporary folder, built, instantiated. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { type BuiltGuest, buildGuest } from '../../build/index.ts';
import { compileComponent } from '../../host/component/compile.ts';
import type { Imports, Instance, InterfaceExports } from '../../host/component/index.ts';

const parents: string[] = [];
afterAll(() => Promise.all(parents.map((parent) => rm(parent, { recursive: true, force: true }))));

/** A folder called `guest` with `files`, gone after the tests of the file. */
export async function scratchFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const parent = await mkdtemp(path.join(tmpdir(), 'weir-guest-'));
  parents.push(parent);
  const folder = path.join(parent, 'guest');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  return folder;
}

/** A `weir.yaml` with `rest` (YAML) behind what every one needs. */
export function manifestText(rest: string): string {
  return `urn: urn:test:extension:guest\nversion: 0.1.0\ndescription: A guest of a test.\n${rest}\n`;
}

/** A guest with a world of its own, in `wit` under the name `w`. */
export async function buildOwnWorld(wit: string, source: string): Promise<BuiltGuest> {
  const folder = await scratchFolder({
    'weir.yaml': manifestText('world: world.wit\nworld-name: w'),
    'world.wit': wit,
    'extension.ts': source,
  });
  return buildGuest(folder);
}

/** A live instance of `guest`. */
export async function instantiate(guest: BuiltGuest, imports: Imports = {}): Promise<Instance> {
  return (await compileComponent(guest.bytes)).instantiate(imports);
}

/** An instance of a guest that hands every value on to an import of the same interface, and back. */
export interface Echo {
  readonly functions: InterfaceExports;
  /** What the host's side of the import was given last. */
  seen(): unknown;
}

/** One function of an echo: a WIT type and the AssemblyScript type that stands for it. */
export interface EchoType {
  readonly wit: string;
  readonly as: string;
}

/**
 * A guest that exports and imports one interface with a function `fn0`, `fn1`, … for each of `types`: a value
 * is lifted as a parameter, lowered as an argument, lifted as the import's result and lowered as the export's.
 */
export async function echoGuest(
  types: readonly EchoType[],
  declarations: string,
  names: string[],
): Promise<Echo> {
  const functions = types.map((type, i) => `  fn${i}: func(value: ${type.wit}) -> ${type.wit};`).join('\n');
  const wit = `package test:echo;\ninterface echo {\n${declarations}\n${functions}\n}\nworld w {\n  import echo;\n  export echo;\n}\n`;
  const bodies = types.map(
    (type, i) => `export function fn${i}(value: ${type.as}): ${type.as} {\n  return echo.fn${i}(value);\n}\n`,
  );
  const tuples = [...new Set(types.flatMap((type) => type.as.match(/\bTuple\d+\b/g) ?? []))];
  const source =
    `import * as echo from './generated/echo';\n` +
    `import { ${['Option', 'Result', 'Unit', ...tuples].join(', ')} } from './generated/wit';\n` +
    `import { ${names.join(', ')} } from './generated/echo';\n${bodies.join('')}`;
  let seen: unknown;
  const host = Object.fromEntries(
    types.map((_, i) => [
      `fn${i}`,
      (value: unknown) => {
        seen = value;
        return value;
      },
    ]),
  );
  const instance = await instantiate(await buildOwnWorld(wit, source), { 'test:echo/echo': host });
  return { functions: instance.exports['test:echo/echo']!, seen: () => seen };
}
