/** A component instance runs one suspending task at a time; the others wait here, in order. */
export class TaskQueue {
  #busy = false;
  readonly #waiting: (() => void)[] = [];

  /** Run `start` now, or once the tasks before it have ended. Each start is matched by one `end`. */
  start(start: () => void): void {
    if (this.#busy) this.#waiting.push(start);
    else {
      this.#busy = true;
      start();
    }
  }

  end(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#busy = false;
  }
}
