/** `redact`: masks what must not be seen in logs and traces. What and where: README.md. */
import { clear, none, rewrite } from './edits';
import { Outcome, ProcessError, Signal } from './generated/processor';
import { Result } from './generated/wit';
import { LOGS_REQUEST, TRACE_REQUEST } from './otlp';
import { describeProblem } from './problem';
import { noteMemory } from './text';
import { REFUSED, walk } from './walk';

export { configure } from './settings';

/** The answer to most batches, made once. */
const UNCHANGED = Result.ok<Outcome, ProcessError>(Outcome.unchanged());

/** Where redacted batches are written, one after the other: the host has read one before the next call. */
let output: ArrayBuffer = new ArrayBuffer(0);

export function process(signal: Signal, batch: Uint8Array): Result<Outcome, ProcessError> {
  if (signal == Signal.Metrics) return UNCHANGED;
  clear();
  noteMemory();
  const start = batch.dataStart;
  const end = start + batch.byteLength;
  const growth = walk(start, end, signal == Signal.Logs ? LOGS_REQUEST : TRACE_REQUEST, 1);
  if (growth == REFUSED) {
    return Result.err<Outcome, ProcessError>(new ProcessError(true, describeProblem(start)));
  }
  if (none()) return UNCHANGED;
  const size = batch.byteLength + growth;
  // With room to spare, so that batches that grow bit by bit do not need a new one each time.
  if (size > output.byteLength) output = new ArrayBuffer(size + (size >> 2));
  rewrite(start, end, changetype<usize>(output));
  return Result.ok<Outcome, ProcessError>(Outcome.forward(Uint8Array.wrap(output, 0, size)));
}
