/**
 * What the WASI of one component instance shares: the clock, what was granted, and what must be given
 * back when the instance is discarded (timers that a guest waits for, open files).
 */
import type { Clock } from '../../clock.ts';
import { WeirError } from '../../errors.ts';
import { sandboxErrors } from '../errors.ts';
import type { Grants } from '../grants.ts';

/** Where a guest's lines go when `stdout` is not granted. */
export type WriteLine = (stream: 'stdout' | 'stderr', line: string) => void;

export interface WasiOptions {
  readonly clock: Clock;
  readonly grants: Grants;
  readonly writeLine: WriteLine;
}

export class WasiContext {
  readonly clock: Clock;
  readonly grants: Grants;
  readonly writeLine: WriteLine;
  readonly #open = new Set<Disposable>();
  #closed = false;

  constructor({ clock, grants, writeLine }: WasiOptions) {
    this.clock = clock;
    this.grants = grants;
    this.writeLine = writeLine;
  }

  /** How many things are to be given back. */
  get open(): number {
    return this.#open.size;
  }

  /** `thing` is disposed when the instance is discarded, unless it is released before. */
  keep(thing: Disposable): void {
    if (this.#closed) {
      thing[Symbol.dispose]();
      misuse('the guest called WASI after its instance had been discarded');
    }
    this.#open.add(thing);
  }

  release(thing: Disposable): void {
    this.#open.delete(thing);
  }

  /** The instance is discarded. */
  close(): void {
    this.#closed = true;
    for (const thing of this.#open) thing[Symbol.dispose]();
    this.#open.clear();
  }
}

/** The guest broke a rule of WASI that leaves the host no answer: its instance is poisoned. */
export function misuse(message: string): never {
  throw new WeirError(sandboxErrors.WEIR_SANDBOX_WASI_MISUSE, message);
}
