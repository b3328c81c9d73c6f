/**
 * How long the guest code of one component instance may run at a stretch. Given to the instance as its guard;
 * `preemption/` does the rest.
 */
import type { Guard } from '../component/component.ts';
import { enter, leave, pastDeadline } from './preemption/index.ts';

export class Deadline implements Guard {
  /** Milliseconds of one call; 0 for no end. May change between calls. */
  ms: number;
  #passed = false;

  constructor(ms: number) {
    this.ms = ms;
  }

  enter(): number {
    this.#passed = false;
    return enter(this.ms);
  }

  leave(entered: number): void {
    if (pastDeadline()) this.#passed = true;
    leave(entered);
  }

  stopped(): boolean {
    return this.#passed || pastDeadline();
  }
}
