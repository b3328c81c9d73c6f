/**
 * The control word of this JavaScript thread, and entering and leaving guest code.
 *
 * The word stands in a shared memory that every instrumented module of the thread imports. Its low 24 bits
 * number the calls; its highest byte is what guest code looks at (`check.ts`), and is zero only while a
 * guest may run:
 *
 * | word               | meaning                                                              |
 * |--------------------|----------------------------------------------------------------------|
 * | `n`                | call number n is running                                             |
 * | `0x80000000 \| n`  | call number n is past its deadline and traps at its next check       |
 * | `0x40000000 \| n`  | no guest has been entered since n; code that runs nevertheless traps |
 *
 * Invariants
 * - `enter` and `leave` read no clock and make no system call. The watchdog thread sees how long a number
 *   stays and does `compareExchange(n, 0x80000000 | n)`, which fails if another call has begun: no call dies
 *   for its predecessor.
 * - Only the outermost call has a number. A guest that is called on behalf of another one runs on the
 *   budget of the outer one, which is the one to blame when it is used up.
 * - A number comes again after 2²⁴ calls; the watchdog looks at least every 10 ms, in which nobody makes that many.
 */
import { readlinkSync } from 'node:fs';
import { watch } from './watchdog.ts';
import { IDLE as IDLE_BIT, NUMBERS as NUMBER_BITS, Word } from './watchdog-protocol.ts';

/** What `enter` returns when a guest is running already. */
export const NESTED = -1;

// Constants of this module's own: `enter` and `leave` take twice as long with imported ones.
const CONTROL = Word.control;
const DEADLINE = Word.deadline;
const ASLEEP = Word.asleep;
const IDLE = IDLE_BIT;
const NUMBERS = NUMBER_BITS;

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
// Constant, and all state in it: entering and leaving is three times faster so than with `let`s.
const words = new Int32Array(memory.buffer, 0, Word.count);
words[CONTROL] = IDLE;
let wakeWatchdog: (() => void) | undefined;

/** The memory to give to instrumented modules as their control import; one a thread. Starts the watchdog. */
export function controlMemory(): WebAssembly.Memory {
  if (wakeWatchdog === undefined) {
    process.once('exit', () => Atomics.store(words, Word.ended, 1));
    wakeWatchdog = watch({ buffer: words.buffer as unknown as SharedArrayBuffer, osThread: osThread() });
  }
  return memory;
}

/** Resolves once the watchdog looks at this thread; it takes some milliseconds to start. */
export async function watched(): Promise<void> {
  controlMemory();
  while (Atomics.load(words, Word.watched) === 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/**
 * Allow guest code to run on this thread, from now until the matching `leave`, for at most `deadlineMs`
 * milliseconds (0: for ever). On behalf of a guest that is already running this does nothing: the time is
 * that one's. Returns what to give to `leave`: `NESTED` in that case.
 *
 * Call it before anything of a guest's runs, start functions and destructors too, outside of the `try`
 * whose `finally` calls `leave`. A suspended stack that is resumed needs an `enter` of its own.
 */
export function enter(deadlineMs: number): number {
  const before = words[CONTROL]!;
  if (before < IDLE) return NESTED;
  const number = (before + 1) & NUMBERS;
  words[DEADLINE] = deadlineMs;
  words[CONTROL] = number;
  if (words[ASLEEP] !== 0) wakeUp();
  return number;
}

/** The end of a call; `entered` is what its `enter` returned. */
export function leave(entered: number): void {
  if (entered !== NESTED) words[CONTROL] = IDLE | entered;
}

/** Whether the outermost running call is past its deadline, so that guest code on the stack traps. Ask before `leave`. */
export function pastDeadline(): boolean {
  return words[CONTROL]! < 0;
}

function wakeUp(): void {
  words[ASLEEP] = 0;
  wakeWatchdog?.();
}

/** What the operating system calls this thread: Linux tells in /proc. */
function osThread(): number | undefined {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return undefined;
  }
}
