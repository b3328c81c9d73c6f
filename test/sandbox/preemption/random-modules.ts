/**
 * Random core modules, made by Binaryen's `wasm-opt --translate-to-fuzz`: bytes in, a valid module out that
 * ends by itself and logs what it computes through imports.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const wasmOpt = join(dirname(fileURLToPath(import.meta.resolve('binaryen'))), 'bin/wasm-opt');

const features = [
  ...['sign-ext', 'mutable-globals', 'nontrapping-float-to-int', 'simd', 'relaxed-simd', 'bulk-memory'],
  ...['bulk-memory-opt', 'reference-types', 'multivalue', 'tail-call', 'exception-handling', 'multimemory'],
  'extended-const',
];

/** The module that belongs to `seed`; `size` bytes of randomness go into it. Written to `folder` on the way. */
export async function randomModule(
  seed: number,
  size: number,
  folder: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const blocks: Buffer[] = [];
  for (let length = 0; length < size; length += 64) {
    blocks.push(createHash('sha512').update(`${seed} ${length}`).digest());
  }
  const input = join(folder, `${seed}.seed`);
  const output = join(folder, `${seed}.wasm`);
  await writeFile(input, Buffer.concat(blocks));
  const enable = features.map((feature) => `--enable-${feature}`);
  const args = [wasmOpt, input, '--translate-to-fuzz', ...enable, '--emit-exnref', '-O1', '-o', output];
  await promisify(execFile)(process.execPath, args);
  return new Uint8Array(await readFile(output));
}
