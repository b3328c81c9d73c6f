/**
 * The built-ins for tasks, waiting and thread-local storage: CanonicalABI.md, "canon context.get" to
 * "canon subtask.drop". Those that block suspend their caller.
 */

import { layoutOf, maxFlatParams } from '../abi/layout.ts';
import { suspendable } from '../bind/core-switch.ts';
import type { CoreFunction } from '../bind/interpret-call.ts';
import { checkMayLeave } from '../bind/interpret-call.ts';
import type { CoreValue } from '../bind/interpret-lift.ts';
import { liftFlat, load } from '../bind/interpret-lift.ts';
import type { Memory } from '../bind/memory.ts';
import { trap } from '../run/fault.ts';
import type { ComponentInstance } from '../run/instance.ts';
import { plainStack } from '../run/plain-stack.ts';
import { requireStack } from '../run/stack-probe.ts';

import { type Event, eventCodes, Subtask, Task, Waitable, WaitableSet } from '../run/task.ts';
import type { ValueType } from '../types.ts';
import { WorkBudget } from '../validate/scope.ts';
import { Matcher } from '../validate/subtype.ts';
import type { Live } from './live.ts';
import type { TrampolinePlan } from './plan.ts';

type BuiltinPlan = Extract<TrampolinePlan, { kind: 'builtin' }>;

const blocked = 0xffffffff | 0;

/** The built-in for a `canon` definition; undefined for one that is not supported. */
export function taskBuiltin(live: Live, plan: BuiltinPlan): CoreFunction | undefined {
  const instance = live.instances[plan.instance]!;
  const { canon } = plan;
  const name = canon.canon;
  const plain = (run: (...args: number[]) => number | undefined): CoreFunction =>
    guarded(instance, name, (...args: number[]) => {
      checkMayLeave(instance, name);
      return run(...args);
    });
  switch (canon.canon) {
    case 'context.get':
      return guarded(instance, name, () => taskOf(instance).storage[canon.slot as 0 | 1]);
    case 'context.set':
      return guarded(instance, name, (value: number) => {
        taskOf(instance).storage[canon.slot as 0 | 1] = value;
        return undefined;
      });
    case 'backpressure.inc':
      return guarded(instance, name, () => changeBackpressure(instance, 1));
    case 'backpressure.dec':
      return guarded(instance, name, () => changeBackpressure(instance, -1));
    case 'task.return':
      return taskReturn(live, plan, instance);
    case 'task.cancel':
      return plain(() => {
        const task = asyncTaskOf(instance, name);
        task.cancel();
        return undefined;
      });
    case 'waitable-set.new':
      return plain(() => instance.handles.add(new WaitableSet()));
    case 'waitable-set.drop':
      return plain((index) => {
        setAt(instance, index!).drop();
        instance.handles.remove(index!);
        return undefined;
      });
    case 'waitable.join':
      return plain((index, set) => {
        const waitable = instance.handles.get(index!);
        if (!(waitable instanceof Waitable))
          return trap('wrong-handle-type', `handle index ${index} is not a waitable`);
        if (waitable.hasSyncWaiter)
          return trap('task-misuse', 'the waitable is being waited on synchronously');
        waitable.join(set === 0 ? undefined : setAt(instance, set!));
        instance.root.poke();
        return undefined;
      });
    case 'waitable-set.poll': {
      const memory = live.memory(plan.options!.memory!);
      return plain((index, pointer) => {
        const set = setAt(instance, index!);
        const event: Event = instance.task?.takeCancel(canon.cancellable)
          ? [eventCodes.cancelled, 0, 0]
          : (set.takeEvent() ?? [eventCodes.none, 0, 0]);
        return storeEvent(memory, pointer!, event);
      });
    }
    case 'waitable-set.wait': {
      const memory = live.memory(plan.options!.memory!);
      return blocking(instance, name, ['i32', 'i32'], (index, pointer) => {
        const set = setAt(instance, index!);
        let event: Event | undefined;
        set.waiting++;
        return {
          cancellable: canon.cancellable,
          ready: () => {
            event ??= set.takeEvent();
            return event !== undefined;
          },
          goOn: (told) => {
            set.waiting--;
            return storeEvent(memory, pointer!, told ? [eventCodes.cancelled, 0, 0] : event!);
          },
        };
      });
    }
    case 'thread.yield':
      return yielding(instance, canon.cancellable);
    case 'subtask.drop':
      return plain((index) => {
        subtaskAt(instance, index!).drop();
        instance.handles.remove(index!);
        return undefined;
      });
    case 'subtask.cancel':
      return cancelSubtask(instance, canon.async);
    default:
      return undefined;
  }
}

function guarded(
  instance: ComponentInstance,
  name: string,
  run: (...args: number[]) => number | undefined,
): CoreFunction {
  return (...args: number[]) => {
    requireStack();
    try {
      return run(...args);
    } catch (error) {
      throw instance.root.abort(error, name);
    }
  };
}

/** What a built-in that blocks waits for. */
interface Wait {
  readonly cancellable: boolean;
  /** Takes what is waited for. */
  readonly ready: () => boolean;
  readonly goOn: (told: boolean) => number;
}

/** A built-in that suspends its caller, unless what it waits for is there already. */
function blocking(
  instance: ComponentInstance,
  name: string,
  params: readonly 'i32'[],
  begin: (...args: number[]) => Wait,
): CoreFunction {
  const { root } = instance;
  const run = (...args: number[]): unknown => {
    try {
      checkMayLeave(instance, name);
      const { cancellable, ready, goOn } = begin(...args);
      const task = taskOf(instance);
      if (task.takeCancel(cancellable)) return goOn(true);
      if (ready()) return goOn(false);
      return new Promise<boolean>((resolve) => {
        root.wait({
          task,
          cancellable,
          attempt() {
            if (!ready()) return false;
            resolve(false);
            return true;
          },
          cancel: () => resolve(true),
        });
      }).then((told) => {
        if (root.poisonedBy !== undefined) throw root.abort(root.poisonedBy, name);
        instance.task = task;
        return goOn(told);
      });
    } catch (error) {
      throw root.abort(error, name);
    }
  };
  return suspendable(params, ['i32'], run, root, name);
}

/** Others have their turn: other tasks, and whatever else the event loop holds. Below a plain call there is nobody to yield to. */
function yielding(instance: ComponentInstance, cancellable: boolean): CoreFunction {
  const name = 'thread.yield';
  const { root } = instance;
  const run = (): unknown => {
    try {
      checkMayLeave(instance, name);
      const task = taskOf(instance);
      if (task.takeCancel(cancellable)) return 1;
      if (plainStack[0]! > 0) return 0;
      return new Promise<number>((resolve) => setImmediate(resolve, 0)).then((): number => {
        if (root.poisonedBy !== undefined) throw root.abort(root.poisonedBy, name);
        instance.task = task;
        return task.takeCancel(cancellable) ? 1 : 0;
      });
    } catch (error) {
      throw root.abort(error, name);
    }
  };
  return suspendable([], ['i32'], run, root, name);
}

function taskOf(instance: ComponentInstance): Task {
  instance.task ??= new Task(instance, undefined, () => {});
  return instance.task;
}

function asyncTaskOf(instance: ComponentInstance, name: string): Task {
  const task = taskOf(instance);
  if (!task.returns)
    trap('task-misuse', `\`${name}\` called from a function that was not lifted with \`async\``);
  return task;
}

function changeBackpressure(instance: ComponentInstance, by: number): undefined {
  instance.backpressure += by;
  if (instance.backpressure < 0 || instance.backpressure >= 2 ** 16)
    trap('task-misuse', 'backpressure counter overflow');
  if (instance.backpressure === 0) instance.root.poke();
}

function setAt(instance: ComponentInstance, index: number): WaitableSet {
  const set = instance.handles.get(index);
  if (!(set instanceof WaitableSet))
    return trap('wrong-handle-type', `handle index ${index} is not a waitable set`);
  return set;
}

function subtaskAt(instance: ComponentInstance, index: number): Subtask {
  const subtask = instance.handles.get(index);
  if (!(subtask instanceof Subtask))
    return trap('wrong-handle-type', `handle index ${index} is not a subtask`);
  return subtask;
}

function storeEvent(memory: Memory, pointer: number, [code, first, second]: Event): number {
  const at = pointer >>> 0;
  memory.fresh().check(at, 8, 4, 'event');
  memory.u32[at >>> 2] = first;
  memory.u32[(at >>> 2) + 1] = second;
  return code;
}

/** What must be the same at `canon lift` and at `task.return`, and who gets the value. */
export interface Returns {
  readonly result: ValueType | undefined;
  readonly encoding: string;
  readonly memory: WebAssembly.Memory | undefined;
  readonly towards: 'host' | 'guest';
}

function sameReturns(a: Returns, b: Omit<Returns, 'towards'>): boolean {
  // A `task.return` that needs no memory may leave it out.
  if (a.encoding !== b.encoding || (b.memory !== undefined && a.memory !== b.memory)) return false;
  if (a.result === b.result) return true;
  if (!a.result || !b.result) return false;
  return new Matcher([], new WorkBudget()).value(a.result, b.result) === undefined;
}

function taskReturn(live: Live, plan: BuiltinPlan, instance: ComponentInstance): CoreFunction {
  const options = plan.options!;
  const side = live.side(plan.instance, options, plan.environment, 'guest');
  const hostSide = live.side(plan.instance, options, plan.environment, 'host');
  const { result } = plan;
  return guarded(instance, 'task.return', (...values: CoreValue[] & number[]) => {
    checkMayLeave(instance, 'task.return');
    const task = asyncTaskOf(instance, 'task.return');
    const wanted = task.returns as Returns;
    if (!sameReturns(wanted, { result, encoding: options.encoding, memory: side.memory?.memory })) {
      trap('task-misuse', 'invalid `task.return` signature and/or options for current task');
    }
    const from = wanted.towards === 'host' ? hostSide : side;
    task.resolve(result && liftReturned(from, result, values));
    return undefined;
  });
}

function liftReturned(
  side: ReturnType<Live['side']>,
  result: NonNullable<BuiltinPlan['result']>,
  values: readonly CoreValue[],
): unknown {
  const { flat, size, align } = layoutOf(result);
  if (flat && flat.length <= maxFlatParams)
    return liftFlat(side, result, { values, types: flat, at: 0 }, undefined);
  const pointer = Number(values[0]) >>> 0;
  side.memory!.fresh().check(pointer, size, align, 'result');
  return load(side, result, pointer, undefined);
}

function cancelSubtask(instance: ComponentInstance, async: boolean): CoreFunction {
  const name = 'subtask.cancel';
  const { root } = instance;
  const tell = (subtask: Subtask): number => {
    subtask.takeEvent();
    return subtask.state;
  };
  const run = (index: number): unknown => {
    try {
      checkMayLeave(instance, name);
      const subtask = subtaskAt(instance, index);
      if (subtask.delivered)
        return trap('task-misuse', '`subtask.cancel` called after terminal status delivered');
      if (subtask.cancellationRequested) return trap('task-misuse', '`subtask.cancel` called twice');
      if (subtask.set && !async) return trap('task-misuse', 'the subtask is in a waitable set');
      if (!subtask.resolved) {
        subtask.cancellationRequested = true;
        subtask.requestCancel();
      }
      if (subtask.resolved) return tell(subtask);
      if (async) return blocked;
      const task = taskOf(instance);
      subtask.hasSyncWaiter = true;
      return new Promise<void>((resolve) => {
        root.wait({
          task,
          cancellable: false,
          attempt() {
            if (!subtask.resolved) return false;
            resolve();
            return true;
          },
          cancel: () => {},
        });
      }).then(() => {
        subtask.hasSyncWaiter = false;
        if (root.poisonedBy !== undefined) throw root.abort(root.poisonedBy, name);
        instance.task = task;
        return tell(subtask);
      });
    } catch (error) {
      throw root.abort(error, name);
    }
  };
  return suspendable(['i32'], ['i32'], run, root, name);
}
