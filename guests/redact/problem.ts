/** What is wrong with a batch that is refused. */

export const enum Problem {
  Tag,
  CutOff,
  Varint,
  TooDeep,
  Group,
}

/** Protobuf's own limit on nested messages, and so that of every decoder downstream. */
export const DEPTH_MAX = 100;

let problem: Problem = Problem.Tag;
let problemAt: usize = 0;

/** Keep what is wrong, and where in memory. */
export function noteProblem(what: Problem, at: usize): void {
  problem = what;
  problemAt = at;
}

/** The problem noted last, in words; `start` is where the batch begins. */
export function describeProblem(start: usize): string {
  return 'the batch is not valid OTLP protobuf: at byte ' + (problemAt - start).toString() + ', ' + inWords();
}

function inWords(): string {
  switch (problem) {
    case Problem.Tag:
      return 'no field can have such a tag';
    case Problem.CutOff:
      return 'a field goes beyond the end of its message';
    case Problem.Varint:
      return 'a varint is cut off or too long';
    case Problem.TooDeep:
      return 'messages are nested more than ' + DEPTH_MAX.toString() + ' deep';
    default:
      return 'a group has no end';
  }
}
