/**
 * `npm run conformance -- component <dir>`: run component scripts, and say what became of each kind of directive.
 * Scripts below a folder `async` are summed up apart: they ask for more than calls.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { backends } from './backend.ts';
import { runScript } from './component-script.ts';
import { executing, type Outcome, type Sum, Totals } from './outcome.ts';
import { readScript } from './script.ts';

/** Failures that are shown of one script unless all are asked for. */
const shownFailures = 3;

/** Longest time for a script in a process of its own, ms. */
const scriptTimeout = 30_000;

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
  { verbose, json, backend: backendName }: ReportOptions,
): Promise<boolean> {
  const backend = backends[backendName];
  if (!backend)
    throw new RangeError(`no backend ${backendName}, there are ${Object.keys(backends).join(', ')}`);
  const groups: Record<string, Totals> = {};
  const scripts: { path: string; outcomes: Outcome[] }[] = [];
  for (const path of paths) {
    const outcomes =
      backend.name === 'jco' && path !== folder
        ? await runApart(path, backend.name)
        : await runScript(path, readScript(readFileSync(path, 'utf8')), backend);
    const shown = relative(folder, path) || path;
    scripts.push({ path: shown, outcomes });
    const group = shown.split(sep).includes('async') ? 'async' : 'sync';
    groups[group] ??= new Totals();
    for (const outcome of outcomes) groups[group].add(outcome);
    if (!json) printScript(shown, outcomes, verbose);
  }
  const report: Report = { suite: 'component', backend: backend.name, groups, scripts };
  if (json) console.log(JSON.stringify(report));
  else for (const [name, totals] of Object.entries(groups)) printTotals(name, totals);
  return scripts.every(({ outcomes }) => outcomes.every(({ outcome }) => outcome !== 'failed'));
}

/** jco's transpiler is of no use after it has panicked once, so that each script gets a process of its own. */
async function runApart(path: string, backend: string): Promise<Outcome[]> {
  const script = new URL('./run.ts', import.meta.url).pathname;
  const args = [script, 'component', path, '--json', '--backend', backend];
  const run = promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 28, timeout: scriptTimeout });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  try {
    return (JSON.parse(stdout.slice(stdout.lastIndexOf('{"suite"'))) as Report).scripts[0]!
      .outcomes as Outcome[];
  } catch {
    return [{ line: 0, directive: 'component', outcome: 'failed', detail: 'the process crashed or hung' }];
  }
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
