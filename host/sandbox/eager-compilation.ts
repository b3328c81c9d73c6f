/**
 * Compiling before a module counts as loaded, and off the calling thread. V8 by itself compiles each function
 * at its first call, on the thread that calls: what a hostile function costs to compile would stop the event
 * loop in the middle of a batch, where no deadline reaches. Compiled eagerly, the work is done by V8's
 * threads while `WebAssembly.compile` is waited for, and the first call is like any other.
 *
 * The only switch is a flag of V8, for the whole process; WebAssembly that the embedding program compiles
 * itself is compiled eagerly too from then on. How long it may take is bounded by what is refused:
 * `preemption/limits.ts` and `limits.module_size`.
 */
import v8 from 'node:v8';

/** As long as a timer can run. */
const FOR_EVER_MS = 2 ** 31 - 1;

let isSet = false;

/** Do `work`, which compiles WebAssembly asynchronously. */
export async function eagerly<T>(work: () => Promise<T>): Promise<T> {
  if (!isSet) {
    v8.setFlagsFromString('--no-wasm-lazy-compilation');
    isSet = true;
  }
  // Work of V8's threads does not keep the process alive: it would end before anything has begun.
  const awake = setInterval(() => {}, FOR_EVER_MS);
  try {
    return await work();
  } finally {
    clearInterval(awake);
  }
}
