/**
 * `crasher`: faults when a batch says so, by an attribute `weir.crash` anywhere in it whose value is one of
 * the ways in `ways.ts`. Every other batch passes unchanged. A guest loses its memory with the fault, so what
 * it decides by is counted since its component instance started.
 */
import { commandIn } from './command';
import { parse } from './generated/json';
import { StopReason } from './generated/lifecycle';
import { Outcome, ProcessError, Signal } from './generated/processor';
import { Result, Unit } from './generated/wit';
import { crash, waysInWords } from './ways';

let crashEvery: f64 = 1;
let spareFirst: bool = true;

let batches: u64 = 0;
let commands: u64 = 0;

export function configure(json: string): Result<Unit, string> {
  const parsed = parse(json);
  if (parsed.isErr) return refused('the configuration is not JSON: ' + parsed.unwrapErr().toString());
  const config = parsed.unwrap();
  if (!config.isObject) return refused('expected an object with the keys "crash_every" and "spare_first"');
  const keys = config.asObject().keys();
  for (let i = 0; i < keys.length; i++) {
    const value = config.asObject().get(keys[i]);
    if (keys[i] == 'crash_every') {
      if (!value.isNumber || value.asNumber() < 1 || value.asNumber() != Math.floor(value.asNumber())) {
        return refused('crash_every: expected a whole number from 1');
      }
      crashEvery = value.asNumber();
    } else if (keys[i] == 'spare_first') {
      if (!value.isBool) return refused('spare_first: expected true or false');
      spareFirst = value.asBool();
    } else {
      return refused('unknown key "' + keys[i] + '"; known are "crash_every" and "spare_first"');
    }
  }
  return Result.ok<Unit, string>(Unit.value);
}

export function start(): Result<Unit, string> {
  return Result.ok<Unit, string>(Unit.value);
}

/** Only the way `in-timer` sets one. */
export function onTimer(_timer: u32): void {
  unreachable();
}

export function stop(_reason: StopReason): void {}

export function process(_signal: Signal, batch: Uint8Array): Result<Outcome, ProcessError> {
  const way = commandIn(batch);
  batches++;
  if (way === null || (spareFirst && batches == 1)) return unchanged();
  commands++;
  if (commands % <u64>crashEvery != 0) return unchanged();
  const outcome = crash(way);
  if (outcome === null) {
    return Result.err<Outcome, ProcessError>(
      new ProcessError(
        true,
        'weir.crash: there is no way "' + way + '" to crash; the ways are ' + waysInWords(),
      ),
    );
  }
  return Result.ok<Outcome, ProcessError>(outcome);
}

function unchanged(): Result<Outcome, ProcessError> {
  return Result.ok<Outcome, ProcessError>(Outcome.unchanged());
}

function refused(why: string): Result<Unit, string> {
  return Result.err<Unit, string>(why);
}
