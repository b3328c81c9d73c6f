/**
 * The ways in which a guest can fault. Some are instructions that trap; the last ones break the contract
 * with the host, which must notice by itself. An endless loop is not among them: it does not end by itself.
 */

import * as log from './generated/log';
import { Level } from './generated/log';
import { Outcome } from './generated/processor';
import * as timers from './generated/timers';
import { writeUnchecked } from './unchecked-log';

const WAYS = [
  'unreachable',
  'abort',
  'out-of-bounds',
  'out-of-bounds-copy',
  'divide-by-zero',
  'divide-overflow',
  'stack-overflow',
  'null-function',
  'wrong-function',
  'no-such-function',
  'out-of-memory',
  'bad-result-pointer',
  'bad-result-length',
  'bad-enum',
  'bad-string',
  'bad-pointer',
  'too-many-timers',
  'in-timer',
];

/** More than any host allows to be pending. */
const TIMERS_ASKED = 100_000;
const A_DAY_MS: u32 = 86_400_000;

export function waysInWords(): string {
  return WAYS.join(', ');
}

// In memory, so that the compiler cannot compute with them.
const ZERO = memory.data<i32>([0]);
const MINUS_ONE = memory.data<i32>([-1]);
const HALF_CHARACTER = memory.data<u16>([0xd800]);
/** The last bytes that an address can name. No memory of a guest is that large. */
const FAR_AWAY: usize = 0xfffffff0;

/** Fault in the way called `way`. Returns null if there is none; an outcome if the fault is in the outcome. */
export function crash(way: string): Outcome | null {
  if (way == 'unreachable') unreachable();
  if (way == 'abort') throw new Error('crashed on command');
  if (way == 'out-of-bounds') return lengthAsOutcome(load<u32>(FAR_AWAY));
  if (way == 'out-of-bounds-copy') {
    memory.copy(FAR_AWAY, ZERO, 16);
    return Outcome.drop();
  }
  if (way == 'divide-by-zero') return lengthAsOutcome(<u32>(1 / load<i32>(ZERO)));
  if (way == 'divide-overflow') return lengthAsOutcome(<u32>(i32.MIN_VALUE / load<i32>(MINUS_ONE)));
  if (way == 'stack-overflow') return lengthAsOutcome(descend(load<u32>(ZERO)));
  // Entry 0 of the table is null; `descend` takes one number and returns one.
  if (way == 'null-function') return lengthAsOutcome(call_indirect<u32>(load<u32>(ZERO), <u32>0));
  if (way == 'wrong-function') return lengthAsOutcome(<u32>call_indirect<f64>(wrongFunction(), <f64>0.5));
  if (way == 'no-such-function') return lengthAsOutcome(call_indirect<u32>(load<u32>(MINUS_ONE), <u32>0));
  if (way == 'out-of-memory') exhaust();
  if (way == 'bad-result-pointer') return Outcome.forward(view(FAR_AWAY, 64));
  if (way == 'bad-result-length') return Outcome.forward(view(ZERO, i32.MAX_VALUE));
  if (way == 'bad-enum') {
    log.write(<Level>99, 'a level that there is not', []);
    return Outcome.drop();
  }
  if (way == 'bad-string') {
    // Half of a surrogate pair, which no text in UTF-16 may have alone.
    writeUnchecked(<i32>Level.Info, HALF_CHARACTER, 1, 0, 0);
    return Outcome.drop();
  }
  if (way == 'bad-pointer') {
    writeUnchecked(<i32>Level.Info, FAR_AWAY, 64, 0, 0);
    return Outcome.drop();
  }
  if (way == 'too-many-timers') {
    for (let i = 0; i < TIMERS_ASKED; i++) timers.after(A_DAY_MS);
    return Outcome.drop();
  }
  if (way == 'in-timer') {
    timers.after(1);
    return Outcome.unchanged();
  }
  return null;
}

/**
 * The table index of `descend`, for a call that wants a function from f64 to f64. `halve` is one, and is in the
 * table: without any the compiler sees that the call cannot succeed, and writes `unreachable` in its place.
 */
function wrongFunction(): u32 {
  return load<i32>(ZERO) == 0 ? load<u32>(changetype<usize>(descend)) : load<u32>(changetype<usize>(halve));
}

function halve(value: f64): f64 {
  return value / 2;
}

/** Calls itself until the stack is full. What follows the call keeps it from being made a loop. */
function descend(depth: u32): u32 {
  return descend(depth + 1) ^ load<u32>(ZERO);
}

/** Takes memory, and touches it, until there is none. */
function exhaust(): void {
  while (true) {
    const block = heap.alloc(1 << 20);
    memory.fill(block, 0xcc, 1 << 20);
  }
}

/** An array of bytes over memory that it does not own. */
function view(address: usize, length: i32): Uint8Array {
  const bytes = new Uint8Array(0);
  store<usize>(changetype<usize>(bytes), address, offsetof<Uint8Array>('dataStart'));
  store<i32>(changetype<usize>(bytes), length, offsetof<Uint8Array>('byteLength'));
  return bytes;
}

/** Uses `value`, so that what computed it is not left out. */
function lengthAsOutcome(value: u32): Outcome {
  return Outcome.forward(new Uint8Array(<i32>(value & 0xff)));
}
