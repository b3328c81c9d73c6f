/** A `LinkPlan` and compiled core modules → a live instance. */
import type { Exports, Imports, Instance, InstantiateOptions } from '../component.ts';
import { LinkError } from '../errors.ts';
import { Root } from '../run/instance.ts';
import { exportsFace } from './face.ts';
import { type CompiledModule, Live } from './live.ts';
import type { LinkPlan } from './plan.ts';

/** @throws LinkError, TrapError */
export function instantiatePlan(
  plan: LinkPlan,
  modules: readonly (CompiledModule | undefined)[],
  imports: Imports,
  options: InstantiateOptions,
): Instance {
  const root = new Root(options.onPoison, options.limits, options.guard);
  const live = new Live(plan, root, imports);
  const entered = root.guard?.enter();
  try {
    live.run(modules);
  } catch (error) {
    if (error instanceof LinkError) throw error;
    if (error instanceof WebAssembly.LinkError) throw new LinkError('', error.message);
    throw root.fault(error, 'the start of the component');
  } finally {
    if (entered !== undefined) root.guard!.leave(entered);
  }
  return new LiveInstance(live, root, exportsFace(live, plan.exports) as Exports);
}

class LiveInstance implements Instance {
  readonly exports: Exports;
  readonly #live: Live;
  readonly #root: Root;

  constructor(live: Live, root: Root, exports: Exports) {
    this.#live = live;
    this.#root = root;
    this.exports = exports;
  }

  get poisonedBy(): unknown {
    return this.#root.poisonedBy;
  }

  poison(cause: unknown): void {
    this.#root.poison(cause);
  }

  memoryBytes(): number {
    return this.#live.memoryBytes();
  }

  memoryIsFull(): boolean {
    return this.#live.memoryIsFull();
  }
}
