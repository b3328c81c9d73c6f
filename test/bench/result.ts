/** What a suite measured, and how it is printed. */

/** Times of one case by contender. `weir` is ours, `raw` what the platform does without it. */
export type Row = { readonly case: string; readonly weir: number } & Readonly<
  Record<string, number | string>
>;

/** What is aimed for: a ratio at most, so many units more at most, or so many times faster at least. */
export type Target = { readonly against: string } & (
  | { readonly atMost: number }
  | { readonly plus: number }
  | { readonly faster: number }
);

export interface BenchResult {
  readonly suite: string;
  readonly unit: string;
  /** Version of Node. */
  readonly node: string;
  readonly rounds: number;
  readonly rows: readonly Row[];
  /** By case. */
  readonly targets: Readonly<Record<string, readonly Target[]>>;
}

/** The object that `--json` prints. */
export function toJson({ targets: _, ...result }: BenchResult): string {
  return JSON.stringify(result);
}

/** One line a case: times, ratios against each target, and whether it is met. */
export function toTable({ suite, unit, node, rounds, rows, targets }: BenchResult): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== 'case');
  const table = rows.map((row) => [
    row.case,
    ...names.map((name) => String(row[name] ?? '')),
    (targets[row.case] ?? []).map((target) => verdict(row, target)).join('; '),
  ]);
  const lines = [['case', ...names, 'targets'], ...table];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 || column === line.length - 1
          ? cell.padEnd(widths[column]!)
          : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
  return `${suite}, ${unit}, medians of ${rounds} interleaved rounds, Node ${node}\n\n${text.join('\n')}`;
}

function verdict(row: Row, target: Target): string {
  const other = row[target.against];
  if (typeof other !== 'number') return `no ${target.against}`;
  const mark = (met: boolean) => (met ? 'met' : 'MISSED');
  if ('atMost' in target) {
    const ratio = row.weir / other;
    return `${ratio.toFixed(2)}x ${target.against} (≤ ${target.atMost}: ${mark(ratio <= target.atMost)})`;
  }
  if ('plus' in target) {
    const more = row.weir - other;
    return `${target.against} + ${more.toFixed(0)} (≤ ${target.plus}: ${mark(more <= target.plus)})`;
  }
  const ratio = other / row.weir;
  return `${ratio.toFixed(1)}x faster than ${target.against} (≥ ${target.faster}: ${mark(ratio >= target.faster)})`;
}
