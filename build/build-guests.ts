/**
 * `npm run build:guests [folder…]`: build every folder of `guests/` (or those named) that changed.
 * Exits with 1 when one does not build, after trying all.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { packageFile } from '../host/package.ts';
import { buildGuest } from './guest.ts';
import { MANIFEST_FILE } from './guest-manifest.ts';

const root = packageFile('guests');
const named = process.argv.slice(2);
const folders =
  named.length > 0
    ? named
    : readdirSync(root)
        .map((name) => path.relative(process.cwd(), path.join(root, name)))
        .filter((folder) => existsSync(path.join(folder, MANIFEST_FILE)));

for (const folder of folders) {
  const start = performance.now();
  try {
    const { wasm, bytes, built } = await buildGuest(folder);
    const took = built ? `${Math.round(performance.now() - start)} ms` : 'up to date';
    process.stdout.write(`${wasm}: ${bytes.length} bytes, ${took}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
