/**
 * `wasi:io/poll`. Nothing here blocks the thread: a guest that waits is suspended, which only an
 * `async func` can be; below a plain `func` a wait is a fault. What is ready already is answered at once
 * in both. Two kinds of pollables exist: those that are always ready, and those of a moment in time.
 */
import type { Timer } from '../../clock.ts';
import { suspending } from '../../component/suspending.ts';
import { misuse, type WasiContext } from './context.ts';

/** The longest wait that a timer is set for; a longer one is several. Far beyond what anybody waits for. */
const STEP_MAX_MS = 2 ** 40;

export class Pollable {
  readonly #context: WasiContext;
  /** On the monotonic clock, ns; undefined for what is always ready. */
  readonly due: bigint | undefined;

  constructor(context: WasiContext, due?: bigint) {
    this.#context = context;
    this.due = due;
  }

  ready(): boolean {
    return this.due === undefined || this.due <= this.#context.clock.monotonicNs();
  }

  block(): void | Promise<void> {
    if (!this.ready()) return until(this.#context, this.due!);
  }

  static {
    suspending(Pollable.prototype.block);
  }
}

/** The functions of `wasi:io/poll` beside the resource. */
export function pollFunctions(context: WasiContext) {
  const poll = (pollables: readonly Pollable[]): Uint32Array | Promise<Uint32Array> => {
    if (pollables.length === 0) misuse('poll was called with no pollable');
    const ready = readyOnes(pollables);
    if (ready.length > 0) return ready;
    let next = pollables[0]!.due!;
    for (const { due } of pollables) if (due! < next) next = due!;
    return until(context, next).then(() => readyOnes(pollables));
  };
  return { Pollable, poll: suspending(poll) };
}

function readyOnes(pollables: readonly Pollable[]): Uint32Array {
  return Uint32Array.from(pollables.flatMap((one, i) => (one.ready() ? [i] : [])));
}

/** Settles at the moment `due`; never, once the instance is discarded. */
function until(context: WasiContext, due: bigint): Promise<void> {
  return new Promise((resolve) => {
    let timer: Timer | undefined;
    const waiting = { [Symbol.dispose]: () => timer?.cancel() };
    const wait = (): void => {
      const leftNs = due - context.clock.monotonicNs();
      if (leftNs <= 0n) {
        context.release(waiting);
        resolve();
        return;
      }
      // Rounded up, for timers come due up to a millisecond early.
      timer = context.clock.after(Math.min(Math.ceil(Number(leftNs) / 1e6), STEP_MAX_MS), wait);
    };
    context.keep(waiting);
    wait();
  });
}
