/**
 * The trial of an extension that comes out of quarantine: one call is let through, and decides. Others
 * are refused until it has been answered. An answer is a result or an `err` of the guest; a call with
 * arguments of the wrong type decides nothing.
 */
import type { CapabilityError } from '../capability/errors.ts';
import { ComponentError } from '../component/errors.ts';
import type { Slot } from './binding.ts';

export class Trial {
  readonly #passed: () => void;
  readonly #refusal: (slot: Slot) => CapabilityError;
  #underWay = false;

  /** `passed` is told of each answer. A fault is the supervisor's to notice. */
  constructor(passed: () => void, refusal: (slot: Slot) => CapabilityError) {
    this.#passed = passed;
    this.#refusal = refusal;
  }

  /** What a slot holds meanwhile, in place of `target`. */
  readonly guard = (slot: Slot, target: Slot['target']): Slot['target'] => {
    return (...args) => {
      if (this.#underWay) throw this.#refusal(slot);
      this.#underWay = true;
      try {
        const result = target(...args);
        if (result instanceof Promise) {
          result.then(
            () => this.#passed(),
            (error: unknown) => this.#threw(error),
          );
        } else this.#passed();
        return result;
      } catch (error) {
        this.#threw(error);
        throw error;
      }
    };
  };

  #threw(error: unknown): void {
    this.#underWay = false;
    if (error instanceof ComponentError) this.#passed();
  }
}
