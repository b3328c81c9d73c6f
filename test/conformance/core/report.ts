/**
 * `npm run conformance -- core <dir>`: the core test suite in two worlds. Prints counts, every script in which
 * they differ, and every exclusion with its reason.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { runCoreScript, type Verdict } from './core-suite.ts';

/** Returns whether instrumented modules did as plain ones wherever Node passes. */
export async function reportCore(
  folder: string,
  scripts: readonly string[],
  verbose: boolean,
): Promise<boolean> {
  const all: Verdict[] = [];
  const exclusions = new Map<string, string[]>();
  const notPassed = new Map<string, number[]>();
  for (const path of scripts) {
    const name = relative(folder, path) || path;
    const verdicts = await runCoreScript(readFileSync(path, 'utf8'));
    all.push(...verdicts);
    const differ = verdicts.filter(({ same, excluded }) => !same && excluded === undefined);
    if (verbose || differ.length > 0)
      console.log(`${name}: ${verdicts.length} directives, ${differ.length} differ`);
    for (const { line, directive, detail } of verbose ? differ : differ.slice(0, 3)) {
      console.log(`  line ${line}: ${directive}: ${detail}`);
    }
    for (const { excluded, line, executable, nodePasses } of verdicts) {
      if (excluded !== undefined)
        exclusions.set(excluded, [...(exclusions.get(excluded) ?? []), `${name}:${line}`]);
      else if (executable && !nodePasses) notPassed.set(name, [...(notPassed.get(name) ?? []), line]);
    }
  }
  const counted = all.filter(({ excluded }) => excluded === undefined);
  const executable = counted.filter((verdict) => verdict.executable);
  const passing = executable.filter(({ nodePasses }) => nodePasses);
  const same = passing.filter((verdict) => verdict.same);
  const sameOfAll = executable.filter((verdict) => verdict.same);
  const validation = counted.filter((verdict) => !verdict.executable);
  console.log(`scripts: ${scripts.length}`);
  console.log(`executable directives: ${executable.length}, of which Node passes ${passing.length}`);
  console.log(`instrumented and plain identical: ${same.length} of ${passing.length} that Node passes`);
  console.log(`instrumented and plain identical: ${sameOfAll.length} of ${executable.length} in all`);
  console.log(
    `modules that must be refused: ${validation.filter((verdict) => verdict.same).length} of ${validation.length} judged alike`,
  );
  for (const [name, lines] of notPassed) {
    const shown = lines.slice(0, 8).join(', ');
    console.log(
      `Node itself does not pass ${name}: ${lines.length} (lines ${shown}${lines.length > 8 ? ', …' : ''})`,
    );
  }
  for (const [reason, places] of exclusions) {
    const shown = verbose ? places : places.slice(0, 5);
    console.log(
      `excluded: ${reason}: ${places.length} (${shown.join(', ')}${shown.length < places.length ? ', …' : ''})`,
    );
  }
  return same.length === passing.length;
}
