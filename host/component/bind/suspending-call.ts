/**
 * Calls of `async func`s through JavaScript Promise Integration. The host gets a promise. A guest that
 * lowered plainly is suspended until the callee has resolved; one that lowered with `async` gets a
 * subtask. CanonicalABI.md, "canon lower".
 *
 * No JavaScript frame may lie under a suspension, so each guest runs on a stack of its own.
 */
import type { ComponentInstance } from '../run/instance.ts';
import { cancelled, eventCodes, Subtask, subtaskStates } from '../run/task.ts';
import type { Callee } from './callee.ts';
import { suspendable } from './core-switch.ts';
import { asHostFault } from './host-fault.ts';
import {
  type CoreFunction,
  checkMayLeave,
  type HostFunction,
  type LoweredFunction,
  liftParams,
  lowerResult,
  unwrapResult,
} from './interpret-call.ts';
import type { CoreValue } from './interpret-lift.ts';
import type { FunctionPlan } from './signature-plan.ts';
import { WrongValue } from './values.ts';

/** The host calls a guest's `async func`: a promise. */
export function suspendingExport(
  callee: Callee,
  plan: FunctionPlan,
  instance: ComponentInstance,
  name: string,
): HostFunction {
  const { root } = instance;
  const entering = instance.enteringSet(undefined);
  return (...args) =>
    new Promise((resolve, reject) => {
      if (root.poisonedBy !== undefined) {
        reject(root.refusal(name));
        return;
      }
      for (const one of entering) {
        if (one.entered === 0) continue;
        reject(root.refusal(name));
        return;
      }
      root.pending.add(reject);
      const settle = (action: () => void) => {
        root.pending.delete(reject);
        action();
      };
      callee.start({
        onStart: () => args,
        onResolve: (value) =>
          settle(() => {
            try {
              resolve(plan.fallible ? unwrapResult(value) : value);
            } catch (error) {
              reject(error);
            }
          }),
        onFail: (error) =>
          settle(() => {
            const isWrong = error instanceof WrongValue && root.poisonedBy === undefined;
            reject(isWrong ? new TypeError(`${name}: ${error.message}`) : root.fault(error, name));
          }),
      });
    });
}

/** Guest code that was resumed is on the stack again whenever it calls out: nobody may enter then. */
function occupied<T>(instances: readonly ComponentInstance[], action: () => T): T {
  const before = instances.map((one) => one.entered);
  for (const one of instances) if (one.entered === 0) one.entered = 1;
  try {
    return action();
  } finally {
    for (const [i, one] of instances.entries()) if (one.entered !== 2) one.entered = before[i]!;
  }
}

/** Writes to a guest that is not running may call its `realloc`, which must find its own task. */
function settled<T>(instance: ComponentInstance, onStack: readonly ComponentInstance[], action: () => T): T {
  const before = instance.task;
  try {
    return instance.root.guarded(() => occupied(onStack, action));
  } finally {
    instance.task = before;
  }
}

/** A guest calls an `async func` plainly: it is suspended for as long as that takes. */
export function suspendingImport(lowered: LoweredFunction, callee: Callee): CoreFunction {
  const { plan, side, name } = lowered;
  const { instance } = side;
  const { root } = instance;
  const onStack = instance.enteringSet(undefined);
  const run = (...values: CoreValue[]): unknown => {
    const { task } = instance;
    const call = new Subtask();
    let resolved: { value: CoreValue | undefined } | undefined;
    let failure: { error: unknown } | undefined;
    let wake: (() => void) | undefined;
    const outcome = () => {
      call.deliver();
      if (failure) throw root.abort(asHostFault(failure.error, name), name);
      if (root.poisonedBy !== undefined) throw root.abort(root.poisonedBy, name);
      instance.task = task;
      return resolved!.value;
    };
    try {
      checkMayLeave(instance, name);
      occupied(onStack, () =>
        callee.start({
          onStart: () => liftParams(plan, side, values, call.lent),
          onResolve: (value) => {
            if (root.poisonedBy !== undefined) return;
            resolved = { value: settled(instance, onStack, () => lowerResult(plan, side, value, values)) };
            wake?.();
          },
          onFail: (error) => {
            failure = { error };
            wake?.();
          },
        }),
      );
    } catch (error) {
      failure = { error };
    }
    if (resolved || failure) return outcome();
    return new Promise<void>((resolve) => {
      wake = resolve;
    }).then(outcome);
  };
  return suspendable(plan.flat.params, plan.flat.results, run, root, name);
}

/** A guest calls an `async func` with `async`: it goes on, and learns of progress through a subtask. */
export function subtaskImport(lowered: LoweredFunction, callee: Callee): CoreFunction {
  const { plan, side, name } = lowered;
  const { instance } = side;
  const { root } = instance;
  const onStack = instance.enteringSet(undefined);
  return (...values: CoreValue[]) => {
    const subtask = new Subtask();
    let index = 0;
    const progressed = () => {
      if (index === 0) return;
      subtask.pending = () => {
        if (subtask.resolved) subtask.deliver();
        return [eventCodes.subtask, index, subtask.state];
      };
      root.poke();
    };
    try {
      checkMayLeave(instance, name);
      subtask.requestCancel = occupied(onStack, () =>
        callee.start({
          onStart: () => {
            subtask.state = subtaskStates.started;
            const args = liftParams(plan, side, values, subtask.lent);
            progressed();
            return args;
          },
          onResolve: (value) => {
            if (root.poisonedBy !== undefined || subtask.resolved) return;
            if (value === cancelled) {
              const started = subtask.state === subtaskStates.started;
              subtask.state = started
                ? subtaskStates.cancelledBeforeReturned
                : subtaskStates.cancelledBeforeStarted;
            } else {
              settled(instance, onStack, () => lowerResult(plan, side, value, values));
              subtask.state = subtaskStates.returned;
            }
            progressed();
          },
          onFail: (error) => {
            root.abort(asHostFault(error, name), name);
          },
        }),
      );
      if (root.poisonedBy !== undefined) throw root.poisonedBy;
    } catch (error) {
      throw root.abort(asHostFault(error, name), name);
    }
    if (subtask.resolved) {
      subtask.deliver();
      return subtask.state;
    }
    index = instance.handles.add(subtask);
    return subtask.state | (index << 4);
  };
}
