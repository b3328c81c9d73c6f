/**
 * `async func`s that guests export, however they are lifted: plainly (the core function returns the
 * value and may be suspended on the way), with a callback (the core function and then the callback
 * return what to wait for), or stackful (`task.return` gives the value). CanonicalABI.md, "canon lift".
 */
import { trap } from '../run/fault.ts';
import type { ComponentInstance, Root } from '../run/instance.ts';
import { onOwnStack } from '../run/plain-stack.ts';
import { type Event, eventCodes, Task, WaitableSet, type Waiter } from '../run/task.ts';
import type { Call, Callee } from './callee.ts';
import { coreHop } from './core-hop.ts';
import {
  type CoreFunction,
  callPostReturn,
  type LiftedFunction,
  liftResult,
  lowerParams,
} from './interpret-call.ts';
import type { CoreValue } from './interpret-lift.ts';
import { WrongValue } from './values.ts';

/** How a guest's `async func` was lifted. */
export interface AsyncLift {
  readonly lifted: LiftedFunction;
  /** `async` is among the canonical options. */
  readonly async: boolean;
  readonly callback: CoreFunction | undefined;
  /** What `task.return` must match. */
  readonly returns: object | undefined;
}

type Promising = (...args: unknown[]) => Promise<unknown>;

/** Guest code that runs on a stack of its own; `after` is called there with its result. */
interface Stretch {
  readonly root: Root;
  readonly after: (result: CoreValue | undefined) => void;
  done: boolean;
}

function afterStretch(stretch: Stretch, result: CoreValue | undefined): undefined {
  stretch.after(result);
  stretch.root.paused();
  stretch.done = true;
}

/** A guest's function as something to call. `caller` is the guest that calls it, if not the host. */
export function guestCallee(lift: AsyncLift, caller: ComponentInstance | undefined): Callee {
  const { lifted } = lift;
  const { params, results } = lifted.plan.flat;
  const { instance } = lifted.side;
  const machine: Machine = {
    lift,
    enter: WebAssembly.promising(coreHop(params, results, lifted.core, afterStretch)),
    resume:
      lift.callback &&
      WebAssembly.promising(coreHop(['i32', 'i32', 'i32'], ['i32'], lift.callback, afterStretch)),
    fromCaller: instance.enteringSet(caller),
    fromHost: instance.enteringSet(undefined),
  };
  return { start: (call) => new GuestCall(machine, call).start() };
}

/** What all calls of one function share. */
interface Machine {
  readonly lift: AsyncLift;
  readonly enter: Promising;
  readonly resume: Promising | undefined;
  readonly fromCaller: readonly ComponentInstance[];
  readonly fromHost: readonly ComponentInstance[];
}

class GuestCall {
  readonly #machine: Machine;
  readonly #call: Call;
  readonly #task: Task;
  readonly #instance: ComponentInstance;
  readonly #root: Root;
  /** Of the tasks that need the instance's own shadow stack one runs at a time. */
  readonly #exclusive: boolean;
  #started = false;

  constructor(machine: Machine, call: Call) {
    const { lift } = machine;
    this.#machine = machine;
    this.#call = call;
    this.#instance = lift.lifted.side.instance;
    this.#root = this.#instance.root;
    this.#exclusive = !lift.async || lift.callback !== undefined;
    this.#task = new Task(this.#instance, lift.returns, call.onResolve);
  }

  start(): () => void {
    const instance = this.#instance;
    if (instance.waitingToEnter === 0 && this.#mayStart()) this.#begin();
    else {
      instance.waitingToEnter++;
      this.#wait({
        ready: () => this.#mayStart(),
        cancellable: true,
        goOn: (told) => {
          instance.waitingToEnter--;
          if (told) this.#end(() => this.#task.cancel());
          else this.#begin();
          this.#root.poke();
        },
      });
    }
    return () => this.#requestCancel();
  }

  #mayStart(): boolean {
    const { backpressure, exclusive } = this.#instance;
    return backpressure === 0 && !(this.#exclusive && exclusive !== undefined);
  }

  #begin(): void {
    const { lift, enter, fromCaller } = this.#machine;
    const { lifted } = lift;
    if (this.#exclusive) this.#instance.exclusive = this.#task;
    try {
      for (const one of fromCaller) {
        if (one.entered === 0) continue;
        trap('cannot-enter', `wasm trap: cannot enter component instance: ${lifted.name}`);
      }
      this.#task.state = 'started';
      this.#started = true;
      const args = this.#inside(fromCaller, () =>
        lowerParams(lifted.plan, lifted.side, this.#call.onStart(), this.#task.scope),
      );
      if (!lift.async)
        this.#run(
          enter,
          args,
          fromCaller,
          (result) => this.#returned(result),
          () => this.#finish(),
        );
      else if (!lift.callback)
        this.#run(
          enter,
          args,
          fromCaller,
          () => {},
          () => this.#finish(),
        );
      else this.#runCallback(enter, args, fromCaller);
    } catch (error) {
      if (error instanceof WrongValue && this.#root.poisonedBy === undefined) {
        this.#instance.mayLeave = true;
        this.#release();
      }
      this.#call.onFail(error);
    }
  }

  /** Run `action` as the guest's: nobody else may enter, and built-ins know the task. */
  #inside<T>(entering: readonly ComponentInstance[], action: () => T): T {
    const before = this.#instance.task;
    const were = entering.map((one) => one.entered);
    for (const one of entering) if (one.entered === 0) one.entered = 1;
    this.#instance.task = this.#task;
    try {
      return this.#root.guarded(action);
    } finally {
      this.#instance.task = before;
      for (const [i, one] of entering.entries()) if (one.entered !== 2) one.entered = were[i]!;
    }
  }

  /** Run core code until it returns: `after` on its stack, `next` once that is empty. */
  #run(
    code: Promising,
    args: readonly unknown[],
    entering: readonly ComponentInstance[],
    after: (result: CoreValue | undefined) => void,
    next: () => void,
  ): void {
    const stretch: Stretch = { root: this.#root, after, done: false };
    const running = this.#inside(entering, () => onOwnStack(() => code(...args, stretch)));
    if (stretch.done) next();
    else
      running.then(
        () => this.#guarded(next),
        (error: unknown) => {
          this.#fail(error);
          this.#root.paused();
        },
      );
  }

  #runCallback(code: Promising, args: readonly unknown[], entering: readonly ComponentInstance[]): void {
    let packed = 0;
    const keep = (result: CoreValue | undefined) => {
      packed = Number(result) >>> 0;
    };
    this.#run(code, args, entering, keep, () => this.#follow(packed));
  }

  /** Do what the guest's callback asked for: exit, yield, or wait. */
  #follow(packed: number): void {
    const code = packed & 15;
    if (code === 0) {
      this.#finish();
      return;
    }
    this.#instance.exclusive = undefined;
    if (code === 1) {
      this.#yield();
    } else if (code === 2) {
      const set = this.#instance.handles.get(packed >>> 4);
      if (set instanceof WaitableSet) this.#waitForEvent(set);
      else trap('wrong-handle-type', 'a callback must wait for a waitable set');
    } else trap('task-misuse', `unsupported callback code: ${code}`);
    this.#root.poke();
  }

  #yield(): void {
    // Others get their turn: events of the host too, and not only microtasks.
    setImmediate(() => {
      if (this.#root.poisonedBy !== undefined) return;
      this.#wait({
        ready: () => this.#instance.exclusive === undefined,
        cancellable: true,
        goOn: (told) => this.#resume([told ? eventCodes.cancelled : eventCodes.none, 0, 0]),
      });
    });
  }

  #waitForEvent(set: WaitableSet): void {
    let event: Event | undefined;
    set.waiting++;
    this.#wait({
      ready: () => {
        if (this.#instance.exclusive === undefined) event = set.takeEvent();
        return event !== undefined;
      },
      cancellable: true,
      goOn: (told) => {
        set.waiting--;
        this.#resume(told ? [eventCodes.cancelled, 0, 0] : event!);
      },
    });
  }

  #resume(event: Event): void {
    this.#guarded(() => this.#runCallback(this.#machine.resume!, event, this.#machine.fromHost));
  }

  /** Wait for `ready`, which takes what it waits for; `goOn` runs when no guest code is on the stack. */
  #wait({
    ready,
    cancellable,
    goOn,
  }: {
    ready: () => boolean;
    cancellable: boolean;
    goOn: (told: boolean) => void;
  }): void {
    const task = this.#task;
    const go = (told: boolean) => {
      // A task that is cancelled before it starts runs nothing, and so needs nobody to stand back.
      if (this.#exclusive && !(told && task.state === 'cancel-delivered' && !this.#started)) {
        this.#instance.exclusive = task;
      }
      this.#root.later(() => {
        if (this.#root.poisonedBy === undefined) this.#guarded(() => goOn(told));
      });
    };
    if (task.takeCancel(cancellable)) {
      go(true);
      return;
    }
    const waiter: Waiter = {
      task,
      cancellable,
      attempt() {
        if (!ready()) return false;
        go(false);
        return true;
      },
      cancel: () => go(true),
    };
    this.#root.wait(waiter);
  }

  /** The core function of a plain lift returned: its result is the value. */
  #returned(result: CoreValue | undefined): void {
    const { lifted } = this.#machine.lift;
    if (this.#root.poisonedBy !== undefined) throw this.#root.poisonedBy;
    const value = liftResult(lifted.plan, lifted.side, result);
    this.#task.resolve(value);
    callPostReturn(lifted, result);
  }

  #finish(): void {
    this.#end(() => {
      if (this.#task.state !== 'resolved') {
        trap(
          'task-misuse',
          'async-lifted export failed to produce a result: the task exited without `task.return`',
        );
      }
    });
  }

  #end(check: () => void): void {
    this.#release();
    this.#guarded(check);
    this.#root.poke();
  }

  #release(): void {
    if (this.#instance.exclusive === this.#task) this.#instance.exclusive = undefined;
  }

  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#root.fault(error, this.#machine.lift.lifted.name);
    this.#call.onFail(error);
  }

  #requestCancel(): void {
    const task = this.#task;
    if (task.state === 'resolved') return;
    const starting = task.state === 'initial';
    task.state = starting ? 'cancel-delivered' : 'pending-cancel';
    const exclusive = this.#instance.exclusive;
    const mayRun = !this.#exclusive || exclusive === undefined || exclusive === task;
    if (!starting && !mayRun) return;
    if (this.#root.cancelWaiter(task) && !starting) task.state = 'cancel-delivered';
  }
}
