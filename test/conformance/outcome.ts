/** What became of a script's directives, and the sums of them. */

/** Directives that run guest code; the others ask whether a component is refused. */
export const executing: ReadonlySet<string> = new Set([
  'component',
  'component definition',
  'component instance',
  'invoke',
  'assert_return',
  'assert_trap',
  'assert_exception',
  'assert_exhaustion',
]);

export interface Outcome {
  readonly line: number;
  readonly directive: string;
  readonly outcome: 'passed' | 'failed' | 'excluded';
  /** Why it failed; what excludes it; empty, or what passed without us. */
  readonly detail: string;
}

/** A directive is outside of what can be run, for this reason. */
export class Excluded extends Error {
  override readonly name = 'Excluded';
}

/** A directive did not do what the script says. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

export interface Sum {
  passed: number;
  failed: number;
  excluded: number;
}

export function emptySum(): Sum {
  return { passed: 0, failed: 0, excluded: 0 };
}

/** Sums by directive, and how often each reason excluded one. */
export class Totals {
  readonly directives: Record<string, Sum> = {};
  readonly exclusions: Record<string, number> = {};

  add({ directive, outcome, detail }: Outcome): void {
    this.directives[directive] ??= emptySum();
    this.directives[directive][outcome]++;
    if (outcome === 'excluded') this.exclusions[detail] = (this.exclusions[detail] ?? 0) + 1;
  }

  /** The sum over executing directives, or over the others. */
  sum(executes: boolean): Sum {
    const sum = emptySum();
    for (const [directive, one] of Object.entries(this.directives)) {
      if (executing.has(directive) !== executes) continue;
      sum.passed += one.passed;
      sum.failed += one.failed;
      sum.excluded += one.excluded;
    }
    return sum;
  }
}
