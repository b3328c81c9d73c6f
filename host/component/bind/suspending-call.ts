/**
 * Calls of `async func`s, through JavaScript Promise Integration. The guest runs on a stack of its
 * own (`WebAssembly.promising`); an import that gives a promise suspends that stack. No JavaScript
 * frame may lie under a suspension, so a call from guest to guest is one stack per guest.
 *
 * A component instance runs one such task at a time. While it is suspended plain calls may enter;
 * that is why `entered` is set only while guest code really runs.
 */
import { ComponentError } from '../errors.ts';
import { trap } from '../run/fault.ts';
import { BorrowScope } from '../run/handles.ts';
import type { ComponentInstance } from '../run/instance.ts';
import { coreHop } from './core-hop.ts';
import { asHostFault, HostThrew } from './host-fault.ts';
import {
  callPostReturn,
  checkMayLeave,
  type HostFunction,
  interpretAdapter,
  type LiftedFunction,
  type LoweredFunction,
  liftParams,
  liftResult,
  lowerParams,
  lowerResult,
  unwrapResult,
} from './interpret-call.ts';
import type { CoreValue } from './interpret-lift.ts';
import { WrongValue } from './values.ts';

/** The host calls a guest's `async func`. */
export function suspendingExport(lifted: LiftedFunction): HostFunction {
  const run = liftedTask(lifted, undefined);
  return async (...args) => {
    const value = await run(args);
    return lifted.plan.fallible ? unwrapResult(value) : value;
  };
}

/** Start a task of a lifted `async func`; the promise has the lifted value. Results stay in tagged form. */
function liftedTask(
  lifted: LiftedFunction,
  caller: ComponentInstance | undefined,
): (args: readonly unknown[]) => Promise<unknown> {
  const { plan, side, name } = lifted;
  const { instance } = side;
  const { root } = instance;
  const entering = instance.enteringSet(caller);
  const borrowed: { scope: BorrowScope | undefined } = { scope: undefined };
  const hop = coreHop(plan.flat.params, plan.flat.results, lifted.core, (result?: CoreValue) => {
    if (root.poisonedBy !== undefined) throw root.poisonedBy;
    const value = liftResult(plan, side, result);
    borrowed.scope?.checkReturned();
    callPostReturn(lifted, result);
    return value;
  });
  const promising = WebAssembly.promising(hop);
  return (args) =>
    new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(error);
      root.pending.add(fail);
      const finish = () => {
        root.pending.delete(fail);
        borrowed.scope?.end();
        borrowed.scope = undefined;
        instance.tasks.end();
      };
      instance.tasks.start(() => {
        let running: Promise<unknown>;
        try {
          for (const one of entering) if (one.entered !== 0) throw root.refusal(name);
          for (const one of entering) one.entered = 1;
          borrowed.scope = plan.borrows ? new BorrowScope() : undefined;
          running = promising(...lowerParams(plan, side, args, borrowed.scope));
          for (const one of entering) if (one.entered === 1) one.entered = 0;
        } catch (error) {
          finish();
          if (error instanceof WrongValue && root.poisonedBy === undefined) {
            for (const one of entering) one.entered = 0;
            instance.mayLeave = true;
            reject(new TypeError(`${name}: ${error.message}`));
          } else reject(root.fault(error, name));
          return;
        }
        running.then(
          (value) => {
            finish();
            resolve(value);
          },
          (error: unknown) => {
            finish();
            reject(root.fault(error, name));
          },
        );
      });
    });
}

/** Guest code that was resumed is on the stack again whenever it calls out: nobody may enter then. */
function occupy(instances: readonly ComponentInstance[]): () => void {
  const before = instances.map((one) => one.entered);
  for (const one of instances) if (one.entered === 0) one.entered = 1;
  return () => {
    for (const [i, one] of instances.entries()) if (one.entered !== 2) one.entered = before[i]!;
  };
}

/** A guest calls a host's `async func`; what gives a promise suspends the guest. */
export function suspendingImport(lowered: LoweredFunction, host: HostFunction): WebAssembly.Suspending {
  const { plan, side, name } = lowered;
  const { instance } = side;
  const { root } = instance;
  const onStack = instance.enteringSet(undefined);
  const run = (...values: CoreValue[]): unknown => {
    const scope = plan.borrows ? new BorrowScope() : undefined;
    const leave = occupy(onStack);
    const finish = (value: unknown): CoreValue | undefined => {
      if (root.poisonedBy !== undefined) throw root.poisonedBy;
      return lowerResult(plan, side, value, values);
    };
    const failed = (error: unknown) => root.abort(asHostFault(error, name), name);
    const ok = (value: unknown) => (plan.fallible ? { tag: 'ok', val: value } : value);
    const threw = (error: unknown) => {
      if (plan.fallible && error instanceof ComponentError) return { tag: 'err', val: error.payload };
      throw new HostThrew(error);
    };
    let given: unknown;
    try {
      checkMayLeave(instance, name);
      const args = liftParams(plan, side, values, scope);
      try {
        given = host(...args);
        if (!isThenable(given)) given = ok(given);
      } catch (error) {
        given = threw(error);
      }
      if (!isThenable(given)) {
        const result = finish(given);
        scope?.end();
        leave();
        return result;
      }
    } catch (error) {
      scope?.end();
      throw failed(error);
    }
    leave();
    return given.then(ok, threw).then(
      (value) => {
        const leaveAgain = occupy(onStack);
        try {
          return finish(value);
        } catch (error) {
          throw failed(error);
        } finally {
          scope?.end();
          leaveAgain();
        }
      },
      (error: unknown) => {
        scope?.end();
        throw failed(error);
      },
    );
  };
  return new WebAssembly.Suspending(run);
}

function isThenable(value: unknown): value is Promise<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as Promise<unknown>).then === 'function'
  );
}

/** A guest calls another guest's `async func`: suspended itself while the other runs on a stack of its own. */
export function suspendingAdapter(lowered: LoweredFunction, lifted: LiftedFunction): WebAssembly.Suspending {
  const { plan, side, name } = lowered;
  const { root } = side.instance;
  const direct = interpretAdapter(lowered, lifted);
  const run = liftedTask(lifted, side.instance);
  const onStack = side.instance.enteringSet(undefined);
  return new WebAssembly.Suspending((...values: CoreValue[]): unknown => {
    // Below a plain func nothing can suspend; what does not block may still be called.
    if (root.plainDepth > 0) return direct(...values);
    const lent = plan.borrows ? new BorrowScope() : undefined;
    const leave = occupy(onStack);
    try {
      checkMayLeave(side.instance, name);
      const args = liftParams(plan, side, values, lent);
      return run(args)
        .then((value) => {
          const leaveAgain = occupy(onStack);
          try {
            if (root.poisonedBy !== undefined) return trap('guest', 'the instance was poisoned');
            return lowerResult(plan, side, value, values);
          } finally {
            lent?.end();
            leaveAgain();
          }
        })
        .catch((error: unknown) => {
          throw root.abort(error, name);
        });
    } catch (error) {
      throw root.abort(error, name);
    } finally {
      leave();
    }
  });
}
