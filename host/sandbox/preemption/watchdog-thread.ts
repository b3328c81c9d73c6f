/**
 * The watchdog: a thread that looks at the control word of every thread that runs guests, and stops calls
 * that are past their deadline. It does nothing else, so it is on time whatever the others do.
 *
 * A call's time runs from when the watchdog first sees its number. Time in which the watchdog itself did not
 * run (the machine was paused, or had no processor left) does not count; nor, where the system tells (Linux),
 * does a call end that has not had most of its time on a processor.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { BroadcastChannel, type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { IDLE, STOP, type ThreadRecord, type WatchdogData, Word } from './watchdog-protocol.ts';

/** Between two looks while no guest runs, ms. */
const IDLE_PERIOD = 2;
/** After so many looks that found no guest running it sleeps until it is woken. */
const IDLE_LOOKS = 50;
/** Between two looks while a guest runs, ms: a twentieth of its deadline within these bounds. */
const SHORTEST_PERIOD = 1;
const LONGEST_PERIOD = 10;
/** Even asleep it looks this often, ms, to forget threads that have ended. */
const SLEEP = 30_000;
/** How much of its deadline a call must have spent on a processor. */
const PROCESSOR_SHARE = 0.75;
/** By how much the processor time that the system tells may lag behind, ms: its scheduler's tick. */
const PROCESSOR_LAG = 10;

/** In place of a call's number. */
const NONE = -1;

class WatchedThread {
  readonly words: Int32Array;
  /** Processor times of the thread; undefined where the system does not tell. */
  readonly #times: number | undefined;
  #number = NONE;
  #elapsed = 0;
  #processorBefore: number | undefined;

  constructor(record: ThreadRecord) {
    this.words = new Int32Array(record.buffer, 0, Word.count);
    this.#times = openTimes(record);
    Atomics.store(this.words, Word.watched, 1);
    Atomics.notify(this.words, Word.watched);
  }

  /** Look once, `passed` ms after the last time. Returns when to look again, ms, or undefined if no guest runs. */
  look(passed: number): number | undefined {
    const number = Atomics.load(this.words, Word.control);
    if (number < 0 || number >= IDLE) {
      this.#number = NONE;
      return undefined;
    }
    const deadline = Atomics.load(this.words, Word.deadline);
    if (number !== this.#number) {
      this.#number = number;
      this.#elapsed = 0;
      this.#processorBefore = deadline === 0 ? undefined : this.#processorTime();
    } else this.#elapsed += passed;
    if (deadline === 0) return LONGEST_PERIOD;

    const period = Math.min(Math.max(deadline / 20, SHORTEST_PERIOD), LONGEST_PERIOD);
    const left = deadline - this.#elapsed;
    if (left > 0) return Math.min(left, period);
    const missing = this.#missingProcessorTime(deadline);
    if (missing > 0) return Math.min(Math.max(missing, SHORTEST_PERIOD), period);
    Atomics.compareExchange(this.words, Word.control, number, STOP | number);
    return SHORTEST_PERIOD;
  }

  /** Whether the thread still exists; when it does not, what was open for it is closed. */
  stillThere(): boolean {
    const ended = Atomics.load(this.words, Word.ended) !== 0;
    const vanished = this.#times !== undefined && this.#processorTime() === undefined;
    if (!ended && !vanished) return true;
    if (this.#times !== undefined) closeSync(this.#times);
    return false;
  }

  #missingProcessorTime(deadline: number): number {
    const now = this.#processorTime();
    if (now === undefined || this.#processorBefore === undefined) return 0;
    return deadline * PROCESSOR_SHARE - PROCESSOR_LAG - (now - this.#processorBefore);
  }

  /** Milliseconds that the thread has spent on a processor. */
  #processorTime(): number | undefined {
    if (this.#times === undefined) return undefined;
    try {
      const read = readSync(this.#times, timesBuffer, 0, timesBuffer.length, 0);
      const nanoseconds = Number.parseInt(timesBuffer.toString('latin1', 0, read), 10);
      return Number.isNaN(nanoseconds) ? undefined : nanoseconds / 1e6;
    } catch {
      return undefined;
    }
  }
}

const timesBuffer = Buffer.alloc(64);

/** `schedstat`: nanoseconds on a processor, nanoseconds waiting, time slices. */
function openTimes({ osThread }: ThreadRecord): number | undefined {
  if (osThread === undefined) return undefined;
  try {
    return openSync(`/proc/self/task/${osThread}/schedstat`, 'r');
  } catch {
    return undefined;
  }
}

function run(data: WatchdogData): never {
  const cell = new Int32Array(data.wake);
  const channel = new BroadcastChannel(data.channel);
  let threads = [new WatchedThread(data.first)];
  let idleLooks = 0;
  let wait = IDLE_PERIOD;
  let last = performance.now();
  for (;;) {
    const seen = Atomics.load(cell, 0);
    for (let record = receive(channel); record !== undefined; record = receive(channel)) {
      if (!threads.some(({ words }) => words.buffer === record.buffer))
        threads.push(new WatchedThread(record));
      idleLooks = 0;
    }
    const now = performance.now();
    const passed = Math.min(now - last, 2 * wait + SHORTEST_PERIOD);
    last = now;
    let next: number | undefined;
    for (const thread of threads) {
      const again = thread.look(passed);
      if (again !== undefined && (next === undefined || again < next)) next = again;
    }
    idleLooks = next === undefined ? idleLooks + 1 : 0;
    if (idleLooks === IDLE_LOOKS) for (const { words } of threads) Atomics.store(words, Word.asleep, 1);
    // Between saying that it sleeps and sleeping it looks once more, for calls that began in between.
    wait = next ?? (idleLooks > IDLE_LOOKS ? SLEEP : IDLE_PERIOD);
    if (wait === SLEEP) {
      threads = threads.filter((thread) => thread.stillThere());
    }
    if (Atomics.wait(cell, 0, seen, wait) !== 'timed-out') idleLooks = 0;
  }
}

/** The next thread that joins. (The type declarations know only of ports here; channels are documented too.) */
function receive(channel: BroadcastChannel): ThreadRecord | undefined {
  return receiveMessageOnPort(channel as unknown as MessagePort)?.message as ThreadRecord | undefined;
}

run(workerData as WatchdogData);
