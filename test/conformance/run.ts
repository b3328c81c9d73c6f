/**
 * `npm run conformance -- <suite> <dir> [--verbose] [--json] [--backend weir|jco]`: run every .wast script below a
 * folder that the caller supplies, for instance of the specification's repository, or every component in it. Exit
 * code 1 when one failed.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { componentConformance } from './component.ts';
import { reportCore } from './core/report.ts';
import { reportGuests } from './guests/report.ts';

function scriptsBelow(path: string): string[] {
  if (statSync(path).isFile()) return path.endsWith('.wast') ? [path] : [];
  return readdirSync(path)
    .sort()
    .flatMap((name) => scriptsBelow(join(path, name)));
}

type Suite = 'component' | 'core' | 'guests';

function isSuite(name: string | undefined): name is Suite {
  return name === 'component' || name === 'core' || name === 'guests';
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
if (!isSuite(suite) || folder === undefined) {
  process.stderr.write(
    'usage: npm run conformance -- component|core|guests <dir> [--verbose]; component also: [--json] [--backend weir|jco]\n',
  );
  process.exit(2);
}
if (!existsSync(folder)) {
  process.stderr.write(`there is no ${folder}; give the folder that holds the .wast scripts\n`);
  process.exit(2);
}
const suites: Record<Suite, () => Promise<boolean>> = {
  component: () => componentConformance(folder, scriptsBelow(folder), options),
  core: () => reportCore(folder, scriptsBelow(folder), options.verbose),
  guests: () => reportGuests(folder, options.verbose),
};
process.exitCode = (await suites[suite]()) ? 0 : 1;
