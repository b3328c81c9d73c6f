/**
 * All error codes there are: every `errors.ts` under host/ and build/ is loaded, which registers its
 * codes, and `host/component`'s own table is joined with them. Also writes them down as a table.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { componentErrors } from '../../host/component/errors.ts';
import { registeredErrors } from '../../host/errors.ts';

const root = join(import.meta.dirname, '../..');

/** Where the table stands, relative to the project's folder. */
export const TABLE_FILE = 'host/ERRORS.md';

export interface ErrorCodeEntry {
  readonly code: string;
  readonly area: string;
  readonly meaning: string;
}

/** Every error code, sorted by area and code. */
export async function allErrorCodes(): Promise<ErrorCodeEntry[]> {
  for (const { path } of await sources()) {
    if (/(^|\/)errors\.ts$/.test(path)) await import(pathToFileURL(join(root, path)).href);
  }
  const component = Object.entries(componentErrors).map(([code, meaning]) => ({
    code,
    area: 'component',
    meaning,
  }));
  return [...registeredErrors(), ...component].sort(
    (a, b) => a.area.localeCompare(b.area) || a.code.localeCompare(b.code),
  );
}

/** Every TypeScript source of host/ and build/, by its path in the project. */
export async function sources(): Promise<{ path: string; text: string }[]> {
  const found: { path: string; text: string }[] = [];
  for (const folder of ['host', 'build']) {
    for (const entry of await readdir(join(root, folder), { recursive: true }).catch(() => [])) {
      if (!/\.[cm]?[jt]s$/.test(entry)) continue;
      const path = `${folder}/${entry}`;
      found.push({ path, text: await readFile(join(root, path), 'utf8') });
    }
  }
  return found;
}

/** The contents of the table's file. */
export async function errorTable(): Promise<string> {
  const codes = await allErrorCodes();
  const areas = [...new Set(codes.map(({ area }) => area))];
  const sections = areas.map((area) => {
    const rows = codes
      .filter((entry) => entry.area === area)
      .map(({ code, meaning }) => `| \`${code}\` | ${meaning} |`);
    return `## ${area}\n\n| code | meaning |\n|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Error codes

Every error of the host and of the guest toolchain has a code. Codes are stable; messages are not.
This file is written by \`npm run errors\` from the \`errors.ts\` of each folder.

${sections.join('\n')}`;
}
