/**
 * `npm run conformance -- <suite> <dir> [--verbose]`: run every .wast script below a folder that the caller
 * supplies, for instance of the specification's repository. Exit code 1 when one failed.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { reportComponent } from './component-report.ts';
import { reportCore } from './core/report.ts';

const suites = { component: reportComponent, core: reportCore };

function scriptsBelow(path: string): string[] {
  if (statSync(path).isFile()) return path.endsWith('.wast') ? [path] : [];
  return readdirSync(path)
    .sort()
    .flatMap((name) => scriptsBelow(join(path, name)));
}

const [suite, folder, ...flags] = process.argv.slice(2);
if ((suite !== 'component' && suite !== 'core') || folder === undefined) {
  process.stderr.write('usage: npm run conformance -- component|core <dir> [--verbose]\n');
  process.exit(2);
}
if (!existsSync(folder)) {
  process.stderr.write(`there is no ${folder}; give the folder that holds the .wast scripts\n`);
  process.exit(2);
}
const passed = await suites[suite](folder, scriptsBelow(folder), flags.includes('--verbose'));
process.exit(passed ? 0 : 1);
