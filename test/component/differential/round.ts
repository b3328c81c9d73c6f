/** One round: cases drawn from a seed, tried together, and what went wrong made small and readable. */
import fc from 'fast-check';
import { type EchoCase, echoCase, type Types } from './arbitrary.ts';
import { compare, compareAlone, type Verdict } from './compare.ts';
import type { StringEncoding } from './echo-component.ts';
import { WitWriter } from './shape.ts';

export interface RoundOptions {
  readonly seed: number;
  readonly cases: number;
  readonly encoding: StringEncoding;
  readonly types: Types;
}

export interface Tally {
  /** Cases in which ours, jco's and the value sent are one. */
  agree: number;
  /** Types that jco makes nothing of, by its words. */
  refused: string[];
  /** Cases in which jco alone gives something else. */
  jcoWrong: string[];
}

export function emptyTally(): Tally {
  return { agree: 0, refused: [], jcoWrong: [] };
}

/**
 * Try one round and add it up.
 * @throws AssertionError where ours is wrong: the smallest such case that was found in half a minute
 */
export async function differentialRound(options: RoundOptions, tally: Tally): Promise<void> {
  const cases = fc.sample(echoCase(options.types), { seed: options.seed, numRuns: options.cases });
  // jco panics at latin1+utf16 and at some recent types, and is of no use in this process from then on.
  const alone = options.encoding === 'compact-utf16' || options.types === 'recent';
  const attempt = alone ? compareAlone : compare;
  const verdicts = await attempt(cases, options.encoding);
  for (const [index, verdict] of verdicts.entries()) {
    const text = `${describeCase(cases[index]!)}\n  ${explain(verdict)}`;
    if (verdict.outcome === 'wrong') await reportSmallest(options, index, attempt, text);
    else if (verdict.outcome === 'agree') tally.agree++;
    else if (verdict.outcome === 'refused') tally.refused.push(text);
    else tally.jcoWrong.push(text);
  }
}

/** The same case by itself, shrunk. A case that is only wrong in company is reported as it was. */
async function reportSmallest(
  { seed, encoding, types }: RoundOptions,
  index: number,
  attempt: typeof compare,
  text: string,
): Promise<never> {
  const alone = fc.asyncProperty(echoCase(types), async (one) => {
    const [verdict] = await attempt([one], encoding);
    if (verdict!.outcome === 'wrong') throw new WrongResult(`${describeCase(one)}\n  ${explain(verdict!)}`);
  });
  await fc.assert(alone, { seed, path: `${index}`, numRuns: 1, interruptAfterTimeLimit: 30_000 });
  throw new WrongResult(`seed ${seed}, case ${index}, ${encoding}: ${text}`);
}

/** A binding gave something else than the value sent. */
class WrongResult extends Error {
  override readonly name = 'WrongResult';
}

/** The function of a case, as WIT. */
function describeCase(one: EchoCase): string {
  const writer = new WitWriter();
  const type = writer.function(one.function);
  return [...writer.declarations, type].join('; ');
}

function explain(verdict: Verdict): string {
  if (verdict.outcome === 'agree') return '';
  return verdict.outcome === 'refused' ? verdict.reason : verdict.detail;
}
