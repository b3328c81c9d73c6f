/** Starts the process's watchdog thread (`watchdog-thread.ts`) and makes this thread known to it. */
import { randomUUID } from 'node:crypto';
import { BroadcastChannel, getEnvironmentData, setEnvironmentData, Worker } from 'node:worker_threads';
import { moduleBeside } from '../../package.ts';
import {
  type ThreadRecord,
  type WatchdogAddress,
  type WatchdogData,
  Word,
  wake,
} from './watchdog-protocol.ts';

/** The key of the environment data that worker threads inherit. */
const KEY = 'weir:watchdog';
/** How long to wait for a watchdog to answer before asking again, ms, and how often to ask. */
const ANSWER_WITHIN = 100;
const ATTEMPTS = 20;

/**
 * Have a thread watched, starting the watchdog if the process has none that this thread knows of. A worker
 * thread knows the one of the thread that started it, provided that was running by then.
 * Returns what wakes the watchdog when it sleeps.
 */
export function watch(record: ThreadRecord): () => void {
  const inherited = getEnvironmentData(KEY) as WatchdogAddress | undefined;
  if (inherited !== undefined && join(inherited, record)) return waker(inherited);
  const address: WatchdogAddress = { wake: new SharedArrayBuffer(4), channel: `${KEY}:${randomUUID()}` };
  const workerData: WatchdogData = { ...address, first: record };
  new Worker(moduleBeside('watchdog-thread', import.meta.url), {
    name: 'weir-watchdog',
    workerData,
    execArgv: [],
    env: {},
  }).unref();
  setEnvironmentData(KEY, address as unknown as Parameters<typeof setEnvironmentData>[1]);
  return waker(address);
}

function waker({ wake: buffer }: WatchdogAddress): () => void {
  const cell = new Int32Array(buffer);
  return () => wake(cell);
}

/**
 * Ask a running watchdog to watch a thread, and wait for its answer: what is sent before it listens is
 * lost. False when there is no answer, because the thread that started it has ended.
 */
function join(address: WatchdogAddress, record: ThreadRecord): boolean {
  const channel = new BroadcastChannel(address.channel);
  const words = new Int32Array(record.buffer, 0, Word.count);
  const awaken = waker(address);
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      channel.postMessage(record);
      awaken();
      if (Atomics.wait(words, Word.watched, 0, ANSWER_WITHIN) !== 'timed-out') return true;
    }
    return false;
  } finally {
    channel.close();
  }
}
