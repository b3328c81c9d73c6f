/** Binding functions to a live root: trampolines that guests import, and lifted functions that the host calls. */

import { type Callee, hostCallee } from '../bind/callee.ts';
import { asMethod, bindExport, bindImport, bindSuspendingExport } from '../bind/generate/bindings.ts';
import { type AsyncLift, guestCallee } from '../bind/guest-callee.ts';
import { neverWaiting } from '../bind/host-fault.ts';
import {
  type CoreFunction,
  checkMayLeave,
  type HostFunction,
  interpretAdapter,
  type LiftedFunction,
  type LoweredFunction,
} from '../bind/interpret-call.ts';
import { planFunction } from '../bind/signature-plan.ts';
import { subtaskImport, suspendingExport, suspendingImport } from '../bind/suspending-call.ts';
import { trap } from '../run/fault.ts';
import type { ComponentInstance } from '../run/instance.ts';
import type { Resource } from '../run/resource.ts';
import { requireStack } from '../run/stack-probe.ts';
import { Task } from '../run/task.ts';
import { givenFunction } from './host-imports.ts';
import type { Live } from './live.ts';
import type { CalleePlan, LiftPlan, TrampolinePlan } from './plan.ts';
import { type Returns, taskBuiltin } from './task-builtins.ts';

/** The core function that a guest imports for a `canon` definition. */
export function makeTrampoline(live: Live, plan: TrampolinePlan): CoreFunction {
  switch (plan.kind) {
    case 'lower':
      return lowerFunction(live, plan);
    case 'resource.new':
    case 'resource.rep':
    case 'resource.drop':
      return resourceBuiltin(plan.kind, live.instances[plan.instance]!, live.resource(plan.resource));
    case 'builtin':
      return taskBuiltin(live, plan) ?? unsupportedBuiltin(live.instances[plan.instance]!, builtinName(plan));
  }
}

function builtinName({ canon }: Extract<TrampolinePlan, { kind: 'builtin' }>): string {
  return canon.canon === 'unsupported' ? canon.name : canon.canon;
}

function nameOf(callee: CalleePlan): string {
  return callee.kind === 'host' ? callee.path.join('#') : 'a nested component';
}

function lowerFunction(live: Live, plan: Extract<TrampolinePlan, { kind: 'lower' }>): CoreFunction {
  const { callee, options } = plan;
  const side = live.side(plan.instance, options, plan.environment, callee.kind === 'host' ? 'host' : 'guest');
  const lowered: LoweredFunction = {
    plan: planFunction(plan.type, 'lower', options),
    side,
    name: nameOf(callee),
  };
  if (callee.kind === 'host') {
    const { call, receiver, suspending } = givenFunction(live.imports, callee.path);
    if (!plan.type.async && !suspending) return bindImport(lowered, call, receiver, live.plan.suspends);
    // Where no function is async nothing runs on a stack that could be suspended.
    if (suspending && !live.plan.suspends) return bindImport(lowered, neverWaiting(call), receiver, false);
    const host = hostCallee(lowered.plan, receiver === undefined ? call : call.bind(receiver));
    return options.async ? subtaskImport(lowered, host) : suspendingImport(lowered, host);
  }
  if (!plan.type.async) return interpretAdapter(lowered, liftedFunction(live, callee, 'guest', lowered.name));
  const guest = guestCallee(asyncLift(live, callee, 'guest', lowered.name), side.instance);
  return options.async ? subtaskImport(lowered, guest) : suspendingImport(lowered, guest);
}

/** A lifted `async func`, however it is lifted. */
function asyncLift(live: Live, plan: LiftPlan, towards: 'host' | 'guest', name: string): AsyncLift {
  const lifted = liftedFunction(live, plan, towards, name);
  const { async, callback } = plan.options;
  const { result } = plan.type;
  const { encoding, memory } = lifted.side;
  const returns: Returns = { result, encoding, memory: memory?.memory, towards };
  return {
    lifted,
    async,
    callback: callback && live.func(callback),
    returns: async ? returns : undefined,
  };
}

function liftedFunction(live: Live, plan: LiftPlan, towards: 'host' | 'guest', name: string): LiftedFunction {
  const { options } = plan;
  const lifted: LiftedFunction = {
    plan: planFunction(plan.type, 'lift', options),
    side: live.side(plan.instance, options, plan.environment, towards),
    core: live.func(plan.core),
    postReturn: options.postReturn && live.func(options.postReturn),
    name,
  };
  return live.plan.asksForTasks && !plan.type.async ? withTask(lifted) : lifted;
}

/** A plain call has a task too, in components that ask for it. */
function withTask(lifted: LiftedFunction): LiftedFunction {
  const { instance } = lifted.side;
  let latest: Task | undefined;
  const as = (task: Task, run: CoreFunction, args: unknown[]): unknown => {
    const before = instance.task;
    instance.task = task;
    try {
      return run(...args);
    } finally {
      instance.task = before;
    }
  };
  const { core, postReturn } = lifted;
  return {
    ...lifted,
    core: (...args: unknown[]) => {
      latest = new Task(instance, undefined, () => {});
      return as(latest, core, args);
    },
    postReturn: postReturn && ((...args: unknown[]) => as(latest!, postReturn, args)),
  };
}

/** What the host calls for an exported function. */
export function exportedFunction(live: Live, plan: CalleePlan, name: string, method: boolean): HostFunction {
  if (plan.kind === 'host') {
    const { call, receiver } = givenFunction(live.imports, plan.path);
    return asMethod(receiver === undefined ? call : call.bind(receiver), method);
  }
  if (!plan.type.async)
    return bindExport(liftedFunction(live, plan, 'host', name), live.plan.suspends, method);
  const lift = asyncLift(live, plan, 'host', name);
  const { lifted } = lift;
  let callee: Callee | undefined;
  const later: HostFunction = (...args) => {
    callee ??= guestCallee(lift, undefined);
    return suspendingExport(callee, lifted.plan, lifted.side.instance, name)(...args);
  };
  if (lift.async || live.plan.asksForTasks) return asMethod(later, method);
  return bindSuspendingExport(lifted, later, method);
}

/** CanonicalABI.md, "canon resource.new", "resource.rep", "resource.drop". */
function resourceBuiltin(
  kind: 'resource.new' | 'resource.rep' | 'resource.drop',
  instance: ComponentInstance,
  resource: Resource,
): CoreFunction {
  const { root, handles } = instance;
  const guarded =
    (run: (value: number) => number | undefined): CoreFunction =>
    (value: number) => {
      requireStack();
      try {
        return run(value);
      } catch (error) {
        throw root.abort(error, kind);
      }
    };
  switch (kind) {
    case 'resource.new':
      return guarded((rep) => {
        checkMayLeave(instance, kind);
        return handles.addOwn(resource, rep);
      });
    case 'resource.rep':
      return guarded((index) => handles.resource(index, resource).rep);
    case 'resource.drop':
      return guarded((index) => {
        checkMayLeave(instance, kind);
        const handle = handles.resource(index, resource);
        if (handle.lends > 0) trap('handle-lent', 'cannot remove owned resource while borrowed');
        handles.remove(index);
        if (handle.scope) handle.scope.borrows--;
        else resource.destroy(handle.rep, instance);
        return undefined;
      });
  }
}

/** A built-in that may be imported, so long as nobody calls it. */
function unsupportedBuiltin(instance: ComponentInstance, name: string): CoreFunction {
  return () => {
    try {
      checkMayLeave(instance, name);
      return trap('unsupported', `${name} is not supported`);
    } catch (error) {
      throw instance.root.abort(error, name);
    }
  };
}
