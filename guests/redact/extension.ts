/** `redact`: masks what must not be seen in logs and traces. What and where: README.md. */
import { clear, none, rewrite } from './edits';
import { Outcome, ProcessError, Signal } from './generated/processor';
import { Result } from './generated/wit';
import { LOGS_REQUEST, TRACE_REQUEST } from './otlp';
import { describeProblem } from './problem';
import { noteMemory } from './text';
import { REFUSED, walk } from './walk';

export { configure } from './settings';

export function process(signal: Signal, batch: Uint8Array): Result<Outcome, ProcessError> {
  if (signal == Signal.Metrics) return Result.ok<Outcome, ProcessError>(Outcome.unchanged());
  clear();
  noteMemory();
  const start = batch.dataStart;
  const end = start + batch.byteLength;
  const growth = walk(start, end, signal == Signal.Logs ? LOGS_REQUEST : TRACE_REQUEST, 1);
  if (growth == REFUSED) {
    return Result.err<Outcome, ProcessError>(new ProcessError(true, describeProblem(start)));
  }
  if (none()) return Result.ok<Outcome, ProcessError>(Outcome.unchanged());
  const redacted = new Uint8Array(batch.byteLength + growth);
  rewrite(start, end, redacted.dataStart);
  return Result.ok<Outcome, ProcessError>(Outcome.forward(redacted));
}
