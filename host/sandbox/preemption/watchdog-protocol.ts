/**
 * What JavaScript threads that run guests and the watchdog thread share: words in memory, and what is
 * sent when a thread joins.
 */

/** Indices of the 32-bit words at the start of a thread's control memory. */
export const Word = {
  /** See `control.ts`. The only word that guest code reads. */
  control: 0,
  /** The running call's deadline, ms after it began; 0 for none. Written before the control word. */
  deadline: 1,
  /** Not zero: the watchdog sleeps until it is woken. */
  asleep: 2,
  /** Not zero: the watchdog knows the thread. */
  watched: 3,
  /** Not zero: the thread has ended. */
  ended: 4,
  count: 5,
} as const;

/** The bits of a control word that number the call. */
export const NUMBERS = 0xffffff;
/** The bit of a control word that says that no guest is running. */
export const IDLE = 0x40000000;
/** The bit that says that the call is past its deadline. */
export const STOP = 0x80000000 | 0;

/** A thread that runs guests. */
export interface ThreadRecord {
  /** Its control memory. */
  readonly buffer: SharedArrayBuffer;
  /** The operating system's number for it, where that is known (Linux). */
  readonly osThread: number | undefined;
}

/** How to reach a running watchdog; handed down to worker threads as environment data. */
export interface WatchdogAddress {
  /** One 32-bit word, on which the watchdog sleeps. */
  readonly wake: SharedArrayBuffer;
  /** The name of the broadcast channel on which threads join. */
  readonly channel: string;
}

export interface WatchdogData extends WatchdogAddress {
  /** The thread that starts the watchdog. */
  readonly first: ThreadRecord;
}

/** Wake the watchdog, if it sleeps. */
export function wake(cell: Int32Array): void {
  Atomics.add(cell, 0, 1);
  Atomics.notify(cell, 0);
}
