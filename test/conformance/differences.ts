/**
 * Where a suite asks for something else than the canonical ABI, and we follow the canonical ABI. Each difference
 * has its reason, which the runner prints; nothing else may be excluded here.
 */
import type { Outcome } from './outcome.ts';

interface Difference {
  /** End of the script's path. */
  readonly script: RegExp;
  /** What the directive says or how it failed. */
  readonly text: RegExp;
  readonly reason: string;
}

const differences: readonly Difference[] = [
  {
    script: /big-strings\.wast$/,
    text: /expected the trap "unreachable", got too-long/,
    reason: "strings longer than the canonical ABI's limit of 256 MiB, which the script takes for allowed",
  },
  {
    script: /implements-disabled\.wast$/,
    text: /accepted/,
    reason: "a switch of Wasmtime's that turns `implements` off",
  },
  {
    script: /(import|restrictions|simple)\.wast$/,
    text: /which is not implemented|are not supported|is not supported/,
    reason: "restrictions of Wasmtime's own on root components",
  },
  {
    script: /(adapter|trap-on-reenter)\.wast$/,
    text: /cannot enter component instance".*there was none/,
    reason: 'calls within a component and between a parent and its child, which the canonical ABI allows',
  },
];

/** The reason why a failure does not count, if there is one. `asked` is the text of the directive. */
export function differenceOf(path: string, asked: string, { detail }: Outcome): string | undefined {
  const found = differences.find(
    ({ script, text }) => script.test(path) && (text.test(detail) || text.test(asked)),
  );
  return found?.reason;
}
