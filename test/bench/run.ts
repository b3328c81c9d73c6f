/**
 * `npm run -s bench -- <suite> [--json]`: measure, and print a table, or with `--json` one object. Every ratio is
 * between things that were measured in turns in this process.
 */
import { calls } from './calls/calls.ts';
import { endurance } from './endurance/endurance.ts';
import { instantiate } from './instantiate/instantiate.ts';
import { metering } from './metering/metering.ts';
import { recovery } from './recovery/recovery.ts';
import { type BenchResult, toJson, toTable } from './result.ts';

const suites = { calls, endurance, instantiate, metering, recovery } as const;

const [suite, ...flags] = process.argv.slice(2);
const chosen = Object.entries(suites).find(([name]) => name === suite)?.[1];
if (chosen === undefined) {
  process.stderr.write(`usage: npm run -s bench -- ${Object.keys(suites).join('|')} [--json]\n`);
  process.exit(2);
}
const result = await chosen();
if ('targets' in result) print(result);
else if (flags.includes('--json')) console.log(JSON.stringify(result));
else {
  const { rows, ...rest } = result;
  console.table(rows);
  console.log(rest);
}

function print(result: BenchResult): void {
  console.log(flags.includes('--json') ? toJson(result) : toTable(result));
}
