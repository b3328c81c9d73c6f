/**
 * `npm run conformance -- component <dir>`: run component scripts, and say what became of each kind of directive.
 * Scripts below a folder `async` are summed up apart: they ask for more than calls.
 */
import { relative, sep } from 'node:path';
import { backends } from './backend.ts';
import { executing, type Outcome, type Sum, Totals } from './outcome.ts';
import { ScriptThread } from './script-thread.ts';

/** Failures that are shown of one script unless all are asked for. */
const shownFailures = 3;

interface Report {
  readonly suite: 'component';
  readonly backend: string;
  readonly groups: Record<string, Totals>;
  readonly scripts: readonly { readonly path: string; readonly outcomes: readonly Outcome[] }[];
}

export interface ReportOptions {
  /** Print every failure, not only the first ones of a script. */
  readonly verbose: boolean;
  readonly json: boolean;
  /** `weir` or `jco`. */
  readonly backend: string;
}

/** Returns whether none failed. */
export async function componentConformance(
  folder: string,
  paths: readonly string[],
  { verbose, json, backend }: ReportOptions,
): Promise<boolean> {
  if (!(backend in backends)) {
    throw new RangeError(`no backend ${backend}, there are ${Object.keys(backends).join(', ')}`);
  }
  const thread = new ScriptThread(backend);
  const groups: Record<string, Totals> = {};
  const scripts: { path: string; outcomes: Outcome[] }[] = [];
  for (const path of paths) {
    const outcomes = await thread.run(path);
    const shown = relative(folder, path) || path;
    scripts.push({ path: shown, outcomes });
    const group = shown.split(sep).includes('async') ? 'async' : 'sync';
    groups[group] ??= new Totals();
    for (const outcome of outcomes) groups[group].add(outcome);
    if (!json) printScript(shown, outcomes, verbose);
  }
  await thread.end();
  const report: Report = { suite: 'component', backend, groups, scripts };
  if (json) console.log(JSON.stringify(report));
  else for (const [name, totals] of Object.entries(groups)) printTotals(name, totals);
  return scripts.every(({ outcomes }) => outcomes.every(({ outcome }) => outcome !== 'failed'));
}

function printScript(path: string, outcomes: readonly Outcome[], all: boolean): void {
  const count = (wanted: Outcome['outcome']) => outcomes.filter(({ outcome }) => outcome === wanted).length;
  const excluded = count('excluded') > 0 ? `, ${count('excluded')} excluded` : '';
  const failures = outcomes.filter(({ outcome }) => outcome === 'failed');
  const failed = failures.length > 0 ? `, ${failures.length} FAILED` : '';
  console.log(`${path}: ${count('passed')} of ${outcomes.length} passed${excluded}${failed}`);
  for (const { line, directive, detail } of all ? failures : failures.slice(0, shownFailures)) {
    console.log(`  line ${line}: ${directive}: ${detail}`);
  }
}

function printTotals(name: string, totals: Totals): void {
  console.log(`\n${name === 'async' ? 'scripts below async/' : 'all other scripts'}`);
  const row = (label: string, { passed, failed, excluded }: Sum) => {
    const all = passed + failed + excluded;
    const cells = [`${passed} of ${all} passed`, `${failed} failed`, `${excluded} excluded`];
    console.log(`  ${label.padEnd(24)}${cells.map((cell) => cell.padStart(20)).join('')}`);
  };
  for (const executes of [true, false]) {
    for (const [directive, sum] of Object.entries(totals.directives).sort()) {
      if (executing.has(directive) === executes) row(directive, sum);
    }
    row(executes ? '= executed' : '= refused or not', totals.sum(executes));
  }
  for (const [reason, count] of Object.entries(totals.exclusions).sort((a, b) => b[1] - a[1])) {
    console.log(`  excluded, ${count}: ${reason}`);
  }
}
