/**
 * A function that may take its time, as its caller sees it: CanonicalABI.md's `FuncInst`. The host's
 * functions and the guests' are called the same way.
 */
import { ComponentError } from '../errors.ts';
import { HostThrew } from './host-fault.ts';
import type { HostFunction } from './interpret-call.ts';
import type { FunctionPlan } from './signature-plan.ts';

export interface Call {
  /** Called once, when the callee is ready for its arguments. */
  readonly onStart: () => readonly unknown[];
  /** Called once, with the value (of a `result` in tagged form) or with `cancelled`. */
  readonly onResolve: (value: unknown) => void;
  /** The callee, or the lowering of its arguments, failed. */
  readonly onFail: (error: unknown) => void;
}

export interface Callee {
  /** Start a call. What comes back asks the callee to stop; it may, but need not. */
  start(call: Call): () => void;
}

/** The host's functions cannot be stopped. */
export function hostCallee(plan: FunctionPlan, host: HostFunction): Callee {
  const ok = (value: unknown) => (plan.fallible ? { tag: 'ok', val: value } : value);
  const threw = (error: unknown): unknown => {
    if (plan.fallible && error instanceof ComponentError) return { tag: 'err', val: error.payload };
    throw new HostThrew(error);
  };
  return {
    start({ onStart, onResolve, onFail }) {
      try {
        const args = onStart();
        let given: unknown;
        try {
          given = host(...args);
        } catch (error) {
          onResolve(threw(error));
          return () => {};
        }
        if (isThenable(given)) given.then(ok, threw).then(onResolve).catch(onFail);
        else onResolve(ok(given));
      } catch (error) {
        onFail(error);
      }
      return () => {};
    },
  };
}

function isThenable(value: unknown): value is Promise<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as Promise<unknown>).then === 'function'
  );
}
