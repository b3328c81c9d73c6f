/**
 * The `generated/` folder of a guest: bindings that authors import, and the stamp that tells whether the
 * component on disk was made from what is there now. Files appear whole or not at all, and are left alone
 * when they would not change, so that several builds of one folder do not trip over each other.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

export const GENERATED = 'generated';

const STAMP = 'build.json';

const stampSchema = z.object({
  toolchain: z.string(),
  inputs: z.record(z.string(), z.string()),
  output: z.string(),
});

/** What a component was made from. */
export interface Stamp {
  /** Digest of the toolchain itself. */
  readonly toolchain: string;
  /** Digests by file, relative to the guest's folder. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Digest of the component. */
  readonly output: string;
}

export function digestOf(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Write the generated files into `folder`, and remove those of an earlier world. */
export async function writeGenerated(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  const target = path.join(folder, GENERATED);
  await mkdir(target, { recursive: true });
  for (const [name, text] of files) await writeWhole(path.join(target, name), text);
  for (const name of await readdir(target)) {
    if (name.endsWith('.ts') && !files.has(name)) await rm(path.join(target, name), { force: true });
  }
}

/** Write `data` to `file` in one step, unless that is what it holds. */
export async function writeWhole(file: string, data: string | Uint8Array): Promise<void> {
  const bytes = Buffer.from(data as Uint8Array);
  const present = await readFile(file).catch(() => undefined);
  if (present?.equals(bytes)) return;
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, bytes);
  await rename(temporary, file);
}

export async function writeStamp(folder: string, stamp: Stamp): Promise<void> {
  await writeWhole(path.join(folder, GENERATED, STAMP), `${JSON.stringify(stamp, null, 2)}\n`);
}

/** The component in `folder`, if it and everything it was made from are unchanged. */
export async function upToDate(
  folder: string,
  wasm: string,
  toolchain: string,
): Promise<Uint8Array | undefined> {
  try {
    const stamp = stampSchema.parse(JSON.parse(await readFile(path.join(folder, GENERATED, STAMP), 'utf8')));
    if (stamp.toolchain !== toolchain) return undefined;
    for (const [file, digest] of Object.entries(stamp.inputs)) {
      if (digestOf(await readFile(path.join(folder, file))) !== digest) return undefined;
    }
    const bytes = await readFile(wasm);
    return digestOf(bytes) === stamp.output ? bytes : undefined;
  } catch {
    return undefined; // no stamp, or something that it names is gone: build
  }
}
