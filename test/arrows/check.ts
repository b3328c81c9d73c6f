/** `npm run check` holds the arrows with this: exit code 1 and the list where one is crossed. */
import { checkArrows } from './arrows.ts';

const complain = (text: string) => process.stderr.write(`${text}\n`);

const { modules, violations } = await checkArrows(process.cwd());
if (modules.length === 0) complain('no source file was read: the arrows were not checked');
for (const violation of violations) complain(`forbidden import: ${violation}`);
if (violations.length > 0) complain('which folder may import from which stands in test/arrows/arrows.ts');
process.exitCode = modules.length === 0 || violations.length > 0 ? 1 : 0;
