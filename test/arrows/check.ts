/** `npm run check` holds the arrows with this: exit code 1 and the list where one is crossed. */
import { checkArrows } from './arrows.ts';

const { modules, violations } = await checkArrows(process.cwd());
if (modules.length === 0) console.error('no source file was read: the arrows were not checked');
for (const violation of violations) console.error(`forbidden import: ${violation}`);
if (violations.length > 0)
  console.error('which folder may import from which stands in test/arrows/arrows.ts');
process.exitCode = modules.length === 0 || violations.length > 0 ? 1 : 0;
