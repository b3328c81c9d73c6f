/** Binding functions to a live root: trampolines that guests import, and lifted functions that the host calls. */

import { bindExport, bindImport } from '../bind/generate/bindings.ts';
import {
  type CoreFunction,
  checkMayLeave,
  type HostFunction,
  interpretAdapter,
  type LiftedFunction,
  type LoweredFunction,
} from '../bind/interpret-call.ts';
import { planFunction } from '../bind/signature-plan.ts';
import { suspendingAdapter, suspendingExport, suspendingImport } from '../bind/suspending-call.ts';
import { UnsupportedError } from '../errors.ts';
import { trap } from '../run/fault.ts';
import type { ComponentInstance } from '../run/instance.ts';
import type { Resource } from '../run/resource.ts';
import { givenFunction } from './host-imports.ts';
import type { Live } from './live.ts';
import type { CalleePlan, LiftPlan, TrampolinePlan } from './plan.ts';

/** What a guest imports for a `canon` definition. */
export type Trampoline = CoreFunction | WebAssembly.Suspending;

export function makeTrampoline(live: Live, plan: TrampolinePlan): Trampoline {
  switch (plan.kind) {
    case 'lower':
      return lowerFunction(live, plan);
    case 'resource.new':
    case 'resource.rep':
    case 'resource.drop':
      return resourceBuiltin(plan.kind, live.instances[plan.instance]!, live.resource(plan.resource));
    case 'builtin':
      return unsupportedBuiltin(
        live.instances[plan.instance]!,
        plan.canon.canon === 'unsupported' ? plan.canon.name : plan.canon.canon,
      );
  }
}

function nameOf(callee: CalleePlan): string {
  return callee.kind === 'host' ? callee.path.join('#') : 'a nested component';
}

function lowerFunction(live: Live, plan: Extract<TrampolinePlan, { kind: 'lower' }>): Trampoline {
  const { callee, options } = plan;
  const side = live.side(plan.instance, options, plan.environment, callee.kind === 'host' ? 'host' : 'guest');
  const lowered: LoweredFunction = {
    plan: planFunction(plan.type, 'lower', options),
    side,
    name: nameOf(callee),
  };
  if (options.async) return unsupportedBuiltin(side.instance, 'an async lower');
  if (callee.kind === 'host') {
    const given = givenFunction(live.imports, callee.path);
    const { call, receiver } = given;
    if (!plan.type.async) return bindImport(lowered, call, receiver);
    return suspendingImport(lowered, receiver === undefined ? call : call.bind(receiver));
  }
  const lifted = liftedFunction(live, callee, 'guest', lowered.name);
  if (callee.options.async) return unsupportedBuiltin(side.instance, 'an async lift');
  return plan.type.async ? suspendingAdapter(lowered, lifted) : interpretAdapter(lowered, lifted);
}

function liftedFunction(live: Live, plan: LiftPlan, towards: 'host' | 'guest', name: string): LiftedFunction {
  const { options } = plan;
  return {
    plan: planFunction(plan.type, 'lift', options),
    side: live.side(plan.instance, options, plan.environment, towards),
    core: live.func(plan.core),
    postReturn: options.postReturn && live.func(options.postReturn),
    name,
  };
}

/** What the host calls for an exported function. */
export function exportedFunction(live: Live, plan: CalleePlan, name: string): HostFunction {
  if (plan.kind === 'host') {
    const { call, receiver } = givenFunction(live.imports, plan.path);
    return receiver === undefined ? call : call.bind(receiver);
  }
  if (plan.options.async) throw new UnsupportedError('async lifts', `the function ${name}`);
  const lifted = liftedFunction(live, plan, 'host', name);
  return plan.type.async ? suspendingExport(lifted) : bindExport(lifted, live.plan.suspends);
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
