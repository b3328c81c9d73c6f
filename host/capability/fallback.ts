/**
 * A binding over several extensions, in the order of a fallback list: a call goes to the first that is
 * not down.
 *
 * A call that faulted an extension is not made again elsewhere: what made one guest fault may well make
 * the next one fault, and it may already have had its effect. Nor is a guest's own `err` a reason to ask
 * another: it is an answer.
 */
import type { CapabilityContract } from './contract.ts';
import { CapabilityError } from './errors.ts';

// biome-ignore lint/suspicious/noExplicitAny: the contract gives functions their types.
type AnyFunction = (...args: any[]) => any;

/** `bindings` are of `contract`, the first one the most wanted; there is at least one. */
export function withFallbacks<T>(contract: CapabilityContract<T>, bindings: readonly T[]): T {
  const first = bindings[0]!;
  if (bindings.length === 1) return first;
  const binding: Record<string, AnyFunction> = {};
  for (const [method, type] of Object.entries<string>(contract.functions)) {
    const targets = bindings.map((one) => (one as Record<string, AnyFunction>)[method]!);
    binding[method] = type.startsWith('async ') ? asyncMethod(targets) : syncMethod(targets);
  }
  return Object.freeze(binding) as T;
}

function syncMethod(targets: readonly AnyFunction[]): AnyFunction {
  const last = targets.length - 1;
  return (...args) => {
    for (let i = 0; i < last; i++) {
      try {
        return targets[i]!(...args);
      } catch (error) {
        if (!isDown(error)) throw error;
      }
    }
    return targets[last]!(...args);
  };
}

function asyncMethod(targets: readonly AnyFunction[]): AnyFunction {
  const last = targets.length - 1;
  return async (...args) => {
    for (let i = 0; i < last; i++) {
      try {
        return await targets[i]!(...args);
      } catch (error) {
        if (!isDown(error)) throw error;
      }
    }
    return targets[last]!(...args);
  };
}

function isDown(error: unknown): boolean {
  return error instanceof CapabilityError && !error.faulted;
}
