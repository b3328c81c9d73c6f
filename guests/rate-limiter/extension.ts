/**
 * `rate-limiter`: a token bucket. A timer of the lifecycle refills it while consumers take from it;
 * both run in one component instance, so `tokens` is one number in one memory and nothing has to be shared.
 */
import { JsonValue, parse } from './generated/json';
import { StopReason } from './generated/lifecycle';
import * as timers from './generated/timers';
import { Result, Unit } from './generated/wit';

const INTERVAL_MS: u32 = 1000;

let capacity: u32 = 0;
let refill: u32 = 0;
let intervalMs: u32 = INTERVAL_MS;

/** What can be taken now; at most `capacity`. */
let tokens: u32 = 0;

export function configure(json: string): Result<Unit, string> {
  const parsed = parse(json);
  if (parsed.isErr) return refused('the configuration is not JSON: ' + parsed.unwrapErr().toString());
  const config = parsed.unwrap();
  if (!config.isObject) return refused('expected an object with the key "capacity"');

  let capacitySet = false;
  let refillSet = false;
  const keys = config.asObject().keys();
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    const value = config.asObject().get(key);
    if (key != 'capacity' && key != 'refill' && key != 'interval_ms') {
      return refused('unknown key "' + key + '"; known are "capacity", "refill" and "interval_ms"');
    }
    if (!isCount(value)) return refused(key + ': expected a whole number from 1 to 4294967295');
    const count = <u32>value.asNumber();
    if (key == 'capacity') {
      capacity = count;
      capacitySet = true;
    } else if (key == 'refill') {
      refill = count;
      refillSet = true;
    } else {
      intervalMs = count;
    }
  }
  if (!capacitySet) return refused('capacity: expected a whole number from 1 to 4294967295; it is missing');
  if (!refillSet) refill = capacity;
  tokens = capacity;
  return Result.ok<Unit, string>(Unit.value);
}

export function start(): Result<Unit, string> {
  timers.every(intervalMs);
  return Result.ok<Unit, string>(Unit.value);
}

export function onTimer(_timer: u32): void {
  // Written so that nothing overflows.
  tokens = capacity - tokens > refill ? tokens + refill : capacity;
}

export function stop(_reason: StopReason): void {}

export function tryAcquire(n: u32): bool {
  if (n > tokens) return false;
  tokens -= n;
  return true;
}

function isCount(value: JsonValue): bool {
  if (!value.isNumber) return false;
  const number = value.asNumber();
  return number >= 1 && number <= <f64>u32.MAX_VALUE && number == Math.floor(number);
}

function refused(why: string): Result<Unit, string> {
  return Result.err<Unit, string>(why);
}
