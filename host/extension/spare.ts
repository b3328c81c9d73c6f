/** The successor that stands by: instantiated and configured, not started. Made when there is time for it. */
import type { Logger } from 'pino';
import type { LaunchFailure, Life } from './life.ts';

export class Spare {
  readonly #make: () => Life;
  readonly #run: (callback: () => void) => void;
  readonly #log: Logger;
  #life: Life | undefined;
  #due: NodeJS.Immediate | undefined;

  /** `make` gives a life that is not prepared yet; `run` runs a callback in the extension's own context. */
  constructor(make: () => Life, run: (callback: () => void) => void, log: Logger) {
    this.#make = make;
    this.#run = run;
    this.#log = log;
  }

  get isThere(): boolean {
    return this.#life !== undefined;
  }

  /** Soon, not now: whoever made the call that faulted is waiting. `first` is done before. */
  prepareSoon(first: () => void): void {
    clearImmediate(this.#due);
    this.#due = setImmediate(() =>
      this.#run(() => {
        first();
        this.#prepare();
      }),
    );
  }

  /** A prepared instance: the spare, or one that is made now. */
  take(): Life | LaunchFailure {
    const life = this.#life;
    this.#life = undefined;
    if (life !== undefined) return life;
    const fresh = this.#make();
    return fresh.prepare() ?? fresh;
  }

  /** `life` faulted: it is of no use any more. */
  drop(life: Life): void {
    if (life === this.#life) this.#life = undefined;
  }

  end(): void {
    clearImmediate(this.#due);
    this.#life?.end();
    this.#life = undefined;
  }

  #prepare(): void {
    if (this.#life !== undefined) return;
    const life = this.#make();
    const failure = life.prepare();
    if (failure === undefined) this.#life = life;
    // Else nobody is worse off: should a replacement be needed, it is made then, and its fault is told.
    else this.#log.debug({ err: failure.error }, 'the spare instance of the extension could not be prepared');
  }
}
