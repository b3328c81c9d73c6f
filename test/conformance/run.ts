/**
 * `npm run conformance -- component <dir>`: run every .wast script below a folder that the caller
 * supplies, and say per script how many directives passed. Exit code 1 when one failed.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Outcome, runScript } from './component-suite.ts';
import { readScript } from './script.ts';

function scriptsBelow(path: string): string[] {
  if (statSync(path).isFile()) return path.endsWith('.wast') ? [path] : [];
  return readdirSync(path)
    .sort()
    .flatMap((name) => scriptsBelow(join(path, name)));
}

const executed = new Set(['component', 'component instance', 'invoke', 'assert_return', 'assert_trap']);

interface Tally {
  passed: number;
  failed: number;
  outOfScope: number;
}

function add(tally: Tally, outcome: Outcome): void {
  if (outcome.outcome === 'passed') tally.passed++;
  else if (outcome.outcome === 'failed') tally.failed++;
  else tally.outOfScope++;
}

const [suite, folder, ...flags] = process.argv.slice(2);
if (suite !== 'component' || folder === undefined) {
  process.stderr.write('usage: npm run conformance -- component <dir> [--verbose]\n');
  process.exit(2);
}
const verbose = flags.includes('--verbose');
const total = { executed: newTally(), validated: newTally() };
const reasons = new Map<string, number>();

function newTally(): Tally {
  return { passed: 0, failed: 0, outOfScope: 0 };
}

for (const path of scriptsBelow(folder)) {
  const outcomes = await runScript(readScript(readFileSync(path, 'utf8')));
  const tally = newTally();
  for (const outcome of outcomes) {
    add(tally, outcome);
    add(executed.has(outcome.directive) ? total.executed : total.validated, outcome);
    if (outcome.outcome === 'out-of-scope')
      reasons.set(outcome.detail, (reasons.get(outcome.detail) ?? 0) + 1);
  }
  const skipped = tally.outOfScope > 0 ? `, ${tally.outOfScope} out of scope` : '';
  console.log(`${relative(folder, path) || path}: ${tally.passed} of ${outcomes.length}${skipped}`);
  const failures = outcomes.filter((outcome) => outcome.outcome === 'failed');
  for (const { line, directive, detail } of verbose ? failures : failures.slice(0, 3)) {
    console.log(`  line ${line}: ${directive}: ${detail}`);
  }
}
for (const [name, tally] of Object.entries(total)) {
  const all = tally.passed + tally.failed + tally.outOfScope;
  console.log(
    `${name}: ${tally.passed} of ${all} passed, ${tally.failed} failed, ${tally.outOfScope} out of scope`,
  );
}
for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1]))
  console.log(`  out of scope: ${reason}: ${count}`);
process.exit(total.executed.failed + total.validated.failed > 0 ? 1 : 0);
