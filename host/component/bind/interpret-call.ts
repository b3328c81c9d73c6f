/**
 * Whole calls, interpreted: parameters over, the callee called, the result back. Three shapes: the
 * host calls a guest, a guest calls the host, a guest calls a guest. `../bind/generate.ts` makes the
 * first two as specialised source; this file is what it means.
 */
import { layoutOf } from '../abi/layout.ts';
import { ComponentError } from '../errors.ts';
import { trap } from '../run/fault.ts';
import { BorrowScope } from '../run/handles.ts';
import type { ComponentInstance } from '../run/instance.ts';
import { plainStack } from '../run/plain-stack.ts';
import { requireStack } from '../run/stack-probe.ts';
import type { ValueType } from '../types.ts';
import { asHostFault, HostThrew } from './host-fault.ts';
import { type CoreValue, type FlatSource, liftFlat, load } from './interpret-lift.ts';
import { lowerFlat, store } from './interpret-lower.ts';
import type { Side } from './side.ts';
import type { FunctionPlan } from './signature-plan.ts';
import { WrongValue } from './values.ts';

// biome-ignore lint/suspicious/noExplicitAny: core functions take and give numbers and bigints.
export type CoreFunction = (...args: any[]) => any;
export type HostFunction = (...args: unknown[]) => unknown;

/** A lifted function of a live guest. */
export interface LiftedFunction {
  readonly plan: FunctionPlan;
  readonly side: Side;
  readonly core: CoreFunction;
  readonly postReturn: CoreFunction | undefined;
  /** For messages: `weir:capability/rate-limiter@0.1.0#try-acquire`. */
  readonly name: string;
}

/** A function that a live guest imports. */
export interface LoweredFunction {
  readonly plan: FunctionPlan;
  readonly side: Side;
  readonly name: string;
}

export function lowerParams(
  plan: FunctionPlan,
  side: Side,
  args: readonly unknown[],
  scope: BorrowScope | undefined,
): CoreValue[] {
  const { params } = plan.type;
  if (plan.flat.paramsInMemory) {
    const { size, align } = layoutOf(plan.params);
    const pointer = side.realloc!(0, 0, align, size);
    store(side, plan.params, args.slice(0, params.length), pointer, scope);
    return [pointer | 0];
  }
  const sink = { values: [] as CoreValue[], types: plan.flat.params };
  for (const [i, param] of params.entries()) {
    try {
      lowerFlat(side, param.type, args[i], sink, scope);
    } catch (error) {
      if (error instanceof WrongValue) throw wrongArgument(error, param.name);
      throw error;
    }
  }
  return sink.values;
}

/** A `WrongValue` that knows its parameter. */
export function wrongArgument(error: WrongValue, param: string): WrongValue {
  error.message = `parameter \`${param}\`: ${error.message}`;
  return error;
}

export function liftParams(
  plan: FunctionPlan,
  side: Side,
  values: readonly CoreValue[],
  scope: BorrowScope | undefined,
): unknown[] {
  const { params } = plan.type;
  if (plan.liftedParams !== undefined) side.memory?.begin(plan.liftedParams);
  if (plan.flat.paramsInMemory) return loadTuple(side, plan.params, Number(values[0]) >>> 0, scope);
  const source: FlatSource = { values, types: plan.flat.params, at: 0 };
  return params.map((param) => liftFlat(side, param.type, source, scope));
}

function loadTuple(side: Side, tuple: ValueType, pointer: number, scope: BorrowScope | undefined): unknown[] {
  const { size, align } = layoutOf(tuple);
  side.memory!.fresh().check(pointer, size, align, 'parameters');
  return load(side, tuple, pointer, scope) as unknown[];
}

export function liftResult(plan: FunctionPlan, side: Side, core: CoreValue | undefined): unknown {
  const { result } = plan.type;
  if (!result) return undefined;
  if (plan.liftedResult !== undefined) side.memory?.begin(plan.liftedResult);
  if (plan.flat.resultInMemory) {
    const pointer = Number(core) >>> 0;
    const { size, align } = layoutOf(result);
    side.memory!.fresh().check(pointer, size, align, 'result');
    return load(side, result, pointer, undefined);
  }
  return liftFlat(side, result, { values: [core!], types: plan.flat.results, at: 0 }, undefined);
}

/** Give a result to a guest that imported the function: through the pointer that it passed, or as a core value. */
export function lowerResult(
  plan: FunctionPlan,
  side: Side,
  value: unknown,
  values: readonly CoreValue[],
): CoreValue | undefined {
  const { result } = plan.type;
  if (!result) return undefined;
  if (plan.flat.resultInMemory) {
    const pointer = Number(values[values.length - 1]) >>> 0;
    const { size, align } = layoutOf(result);
    side.memory!.fresh().check(pointer, size, align, 'result');
    store(side, result, value, pointer, undefined);
    return undefined;
  }
  const sink = { values: [] as CoreValue[], types: plan.flat.results };
  lowerFlat(side, result, value, sink, undefined);
  return sink.values[0];
}

/** A `result` in its tagged form → what a JavaScript caller gets: the ok value, or the err thrown. */
export function unwrapResult(value: unknown): unknown {
  const { tag, val } = value as { tag: string; val: unknown };
  if (tag === 'err') throw new ComponentError(val);
  return val;
}

export function callPostReturn(lifted: LiftedFunction, core: CoreValue | undefined): void {
  if (!lifted.postReturn) return;
  const { instance } = lifted.side;
  instance.mayLeave = false;
  if (lifted.plan.flat.results.length > 0) lifted.postReturn(core);
  else lifted.postReturn();
  instance.mayLeave = true;
}

/** The host calls a guest's function that never suspends. */
export function interpretExport(lifted: LiftedFunction): HostFunction {
  const { plan, side, core, name } = lifted;
  const { instance } = side;
  const { root } = instance;
  const entering = instance.enteringSet(undefined);
  return (...args) => {
    for (const one of entering) if (one.entered !== 0) throw root.refusal(name);
    for (const one of entering) one.entered = 1;
    plainStack[0]!++;
    const entered = root.guard?.enter();
    const scope = plan.borrows ? new BorrowScope() : undefined;
    let value: unknown;
    try {
      const result = core(...lowerParams(plan, side, args, scope));
      if (root.poisonedBy !== undefined) throw root.fault(root.poisonedBy, name);
      value = liftResult(plan, side, result);
      scope?.checkReturned();
      callPostReturn(lifted, result);
      if (root.poisonedBy !== undefined) throw root.fault(root.poisonedBy, name);
    } catch (error) {
      if (error instanceof WrongValue && root.poisonedBy === undefined) {
        for (const one of entering) one.entered = 0;
        instance.mayLeave = true;
        throw new TypeError(`${name}: ${error.message}`);
      }
      throw root.fault(error, name);
    } finally {
      if (entered !== undefined) root.guard!.leave(entered);
      plainStack[0]!--;
      scope?.end();
    }
    for (const one of entering) one.entered = 0;
    return plan.fallible ? unwrapResult(value) : value;
  };
}

/** What an import does before it leaves: `realloc` and `post-return` must not. */
export function checkMayLeave(instance: ComponentInstance, name: string): void {
  if (!instance.mayLeave)
    trap('cannot-leave', `cannot leave component instance: ${name} was called from realloc or post-return`);
}

/** A guest calls the host. */
export function interpretImport(lowered: LoweredFunction, host: HostFunction): CoreFunction {
  const { plan, side, name } = lowered;
  const { instance } = side;
  const { root } = instance;
  return (...values: CoreValue[]) => {
    requireStack();
    const scope = plan.borrows ? new BorrowScope() : undefined;
    try {
      checkMayLeave(instance, name);
      const args = liftParams(plan, side, values, scope);
      // Code that was suspended and resumed is on the stack without anybody having entered.
      const before = instance.entered;
      if (before === 0) instance.entered = 1;
      const value = callHost(plan, host, args);
      if (before === 0 && instance.entered === 1) instance.entered = 0;
      if (root.poisonedBy !== undefined) throw root.poisonedBy;
      return lowerResult(plan, side, value, values);
    } catch (error) {
      throw root.abort(asHostFault(error, name), name);
    } finally {
      scope?.end();
    }
  };
}

/** Call the host; of a `result` function the outcome comes back in tagged form. */
function callHost(plan: FunctionPlan, host: HostFunction, args: readonly unknown[]): unknown {
  try {
    const value = host(...args);
    return plan.fallible ? { tag: 'ok', val: value } : value;
  } catch (error) {
    if (plan.fallible && error instanceof ComponentError) return { tag: 'err', val: error.payload };
    throw new HostThrew(error);
  }
}

/** A guest calls a guest: lifted from one memory, lowered into the other. */
export function interpretAdapter(lowered: LoweredFunction, lifted: LiftedFunction): CoreFunction {
  const { side: caller, plan: outer, name } = lowered;
  const { side: callee, plan: inner } = lifted;
  const { root } = caller.instance;
  const entering = callee.instance.enteringSet(caller.instance);
  return (...values: CoreValue[]) => {
    requireStack();
    plainStack[0]!++;
    const lent = inner.borrows ? new BorrowScope() : undefined;
    const borrowed = inner.borrows ? new BorrowScope() : undefined;
    try {
      checkMayLeave(caller.instance, name);
      for (const one of entering) {
        if (one.entered !== 0) trap('cannot-enter', `wasm trap: cannot enter component instance: ${name}`);
      }
      for (const one of entering) one.entered = 1;
      const args = liftParams(outer, caller, values, lent);
      const result = lifted.core(...lowerParams(inner, callee, args, borrowed));
      const value = liftResult(inner, callee, result);
      borrowed?.checkReturned();
      const lowered = lowerResult(outer, caller, value, values);
      callPostReturn(lifted, result);
      if (root.poisonedBy !== undefined) throw root.poisonedBy;
      for (const one of entering) one.entered = 0;
      return lowered;
    } catch (error) {
      throw root.abort(error, name);
    } finally {
      plainStack[0]!--;
      borrowed?.end();
      lent?.end();
    }
  };
}
