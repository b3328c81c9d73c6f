/**
 * `npm run conformance -- component <dir>`: run component scripts, and say per script how many directives
 * passed.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { type Outcome, runScript } from './component-suite.ts';
import { readScript } from './script.ts';

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

function newTally(): Tally {
  return { passed: 0, failed: 0, outOfScope: 0 };
}

/** Returns whether none failed. */
export async function reportComponent(
  folder: string,
  scripts: readonly string[],
  verbose: boolean,
): Promise<boolean> {
  const total = { executed: newTally(), validated: newTally() };
  const reasons = new Map<string, number>();
  for (const path of scripts) {
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
  return total.executed.failed + total.validated.failed === 0;
}
