/**
 * `npm run docs`: writes the generated parts of the documentation anew. With `--check` it writes nothing, and exits
 * with 1 when one of them is old; `npm run check` does that.
 */
import { writeFile } from 'node:fs/promises';
import { generatedParts, pathOf, written } from './generated.ts';

const check = process.argv.includes('--check');

// One after the other: a file may have several parts.
for (const part of generatedParts) {
  const { now, wanted } = await written(part);
  if (now === wanted) continue;
  if (!check) await writeFile(pathOf(part), wanted);
  else {
    process.stderr.write(`${part.file}: its ${part.name} are old; run \`npm run docs\`\n`);
    process.exitCode = 1;
  }
}
