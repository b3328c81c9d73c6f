/** `npm run docs`: writes the generated parts of the documentation anew. */
import { writeFile } from 'node:fs/promises';
import { generatedParts, pathOf, written } from './generated.ts';

for (const part of generatedParts) {
  const { now, wanted } = await written(part);
  if (now !== wanted) await writeFile(pathOf(part), wanted);
}
