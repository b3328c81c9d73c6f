/**
 * How many component instances may exist at one time, over everything that shares the budget: all pipelines
 * of an engine. Each holds memory, tables and a part of the address space, so their number is bounded.
 * An extension that is started keeps its place while its component instance is replaced; its spare shares it.
 */
import { WeirError } from '../errors.ts';
import { extensionErrors } from './errors.ts';

export class InstanceBudget {
  readonly limit: number;
  #taken = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get taken(): number {
    return this.#taken;
  }

  /** @throws WeirError `WEIR_EXTENSION_INSTANCE_LIMIT`; `extension` is for the message */
  take(extension: string): void {
    if (this.#taken >= this.limit) {
      throw new WeirError(
        extensionErrors.WEIR_EXTENSION_INSTANCE_LIMIT,
        `extension \`${extension}\` cannot start: the engine runs ${this.#taken} component instances, which is its limit`,
        { hint: 'raise `engine: { instances: … }`, or let extensions share instances' },
      );
    }
    this.#taken++;
  }

  give(): void {
    this.#taken--;
  }
}
