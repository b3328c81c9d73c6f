/** The name that was probably meant, for messages about a name that does not exist. */

/**
 * The candidate closest to `word`, or undefined when none is close. Case and the difference between
 * `_` and `-` count for nothing, for those are what people remember least.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(word);
  // A third of the letters may be wrong: enough for two slips in a long name, none in a short one's half.
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(wanted, fold(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** "did you mean `otlp`?" where a name is close, else `otherwise` followed by all names. */
export function suggest(word: string, candidates: readonly string[], otherwise: string): string {
  const close = nearest(word, candidates);
  if (close !== undefined) return `did you mean \`${close}\`?`;
  return candidates.length === 0
    ? `${otherwise}: none`
    : `${otherwise}: ${[...candidates].sort().join(', ')}`;
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      }
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
