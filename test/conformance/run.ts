/**
 * `npm run conformance -- <suite> <dir> [--verbose] [--json] [--backend weir|jco]`: run every .wast script below a
 * folder that the caller supplies, for instance of the specification's repository. Exit code 1 when one failed.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { componentConformance } from './component.ts';
import { reportCore } from './core/report.ts';

function scriptsBelow(path: string): string[] {
  if (statSync(path).isFile()) return path.endsWith('.wast') ? [path] : [];
  return readdirSync(path)
    .sort()
    .flatMap((name) => scriptsBelow(join(path, name)));
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    verbose: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    backend: { type: 'string', default: 'weir' },
  },
});
const [suite, folder] = positionals;
if ((suite !== 'component' && suite !== 'core') || folder === undefined) {
  process.stderr.write(
    'usage: npm run conformance -- component|core <dir> [--verbose]; component also: [--json] [--backend weir|jco]\n',
  );
  process.exit(2);
}
if (!existsSync(folder)) {
  process.stderr.write(`there is no ${folder}; give the folder that holds the .wast scripts\n`);
  process.exit(2);
}
const scripts = scriptsBelow(folder);
const passed =
  suite === 'core'
    ? await reportCore(folder, scripts, options.verbose)
    : await componentConformance(folder, scripts, options);
process.exitCode = passed ? 0 : 1;
