/** Each top-level folder opens with a README.md, and what the READMEs link to is there. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { checkout } from '../checkout.ts';

/** Top-level folders, but for those that are made: git does not have them. */
const folders = readdirSync(checkout, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|dist$)/.test(entry.name))
  .map(({ name }) => name);

it('each top-level folder has a README.md', () => {
  expect(folders.length).toBeGreaterThan(4);
  expect(folders.filter((folder) => !existsSync(join(checkout, folder, 'README.md')))).toEqual([]);
});

it('links between documents lead somewhere', () => {
  const documents = globSync(['*.md', ...folders.map((folder) => `${folder}/**/*.md`)], { cwd: checkout });
  const links = documents.flatMap((file) =>
    [...read(file).matchAll(/\]\((?!\w+:)([^)#]+)(?:#([^)]*))?\)/g)].map(([, to, section]) => ({
      file,
      to: join(dirname(file), to!),
      section,
    })),
  );
  expect(links.length).toBeGreaterThan(5);
  expect(
    links.filter(({ to, section }) => !existsSync(join(checkout, to)) || !hasSection(to, section)),
  ).toEqual([]);
});

/** Whether a document has a heading that GitHub gives this anchor. */
function hasSection(file: string, section: string | undefined): boolean {
  if (section === undefined) return true;
  const headings = read(file).matchAll(/^#+ (.*)$/gm);
  return [...headings].some(
    ([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-') === section,
  );
}

const read = (file: string) => readFileSync(join(checkout, file), 'utf8');
