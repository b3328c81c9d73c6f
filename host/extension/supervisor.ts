/**
 * The supervisor of one component instance: starts it, and replaces it whenever it faults.
 *
 * - Every fault arrives in `#poisoned`, whatever call brought it about, even one that guest code
 *   caught: a poisoned instance is never entered again.
 * - From that moment bindings throw `CapabilityError`; a fresh instance is made from the compiled
 *   component after a wait that doubles at each fault in a row. Bindings are then pointed to it.
 * - Timers die with the instance that set them; a fresh one is configured and started like the first.
 * - The first start is different: its failure is the caller's, and nothing is tried again.
 */
import type { Logger } from 'pino';
import type { CapabilityContract } from '../capability/contract.ts';
import { CapabilityError } from '../capability/errors.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Component, Instance, InstanceLimits } from '../component/component.ts';
import { ComponentError, PoisonedError } from '../component/errors.ts';
import type { RestartConfig } from '../config/model.ts';
import type { Grants } from '../sandbox/grants.ts';
import { Backoff } from './backoff.ts';
import { type BindingOwner, makeBinding, pointTo, type Slot } from './binding.ts';
import { describeFault, FAULT_KINDS, type Fault, type FaultKind } from './fault.ts';
import { FaultLog } from './fault-log.ts';
import type { InstanceBudget } from './instance-budget.ts';
import { CONFIGURED, type Configured, LIFECYCLE, type Lifecycle, type StopReason } from './interfaces.ts';
import { clockInOwnContext } from './own-context.ts';
import { exportedInterfaces, functionsOf } from './provider.ts';
import { HostServices, type ServiceLimits } from './services/services.ts';
import type { TimerService } from './services/timers.ts';
import { type StartStep, startError } from './start-error.ts';
import type { ExtensionEvent, InstanceState, InstanceStatus } from './status.ts';

/** Most faults that are remembered one by one. */
const LAST_FAULTS = 8;

export interface SupervisorOptions {
  /** The extension's name, and the node that this instance serves where each has one of its own. */
  readonly extension: string;
  readonly consumer: string | undefined;
  /** The pipeline that it belongs to, for faults to tell. */
  readonly pipeline: string | undefined;
  readonly component: Component;
  readonly isConfigured: boolean;
  readonly hasLifecycle: boolean;
  /** Handed to `configure` as JSON. */
  readonly config: unknown;
  readonly limits: ServiceLimits & InstanceLimits;
  readonly grants: Grants;
  /** Where it takes its place among the component instances of the engine, if they are counted. */
  readonly budget: InstanceBudget | undefined;
  readonly restart: RestartConfig;
  readonly clock: Clock;
  /** Answers numbers in [0, 1): the jitter of restarts. */
  readonly random: () => number;
  readonly log: Logger;
  readonly onEvent: ((event: ExtensionEvent) => void) | undefined;
}

/** One component instance, from its making to its fault or its end. */
interface Life {
  readonly timers: TimerService;
  instance: Instance | undefined;
  over: boolean;
}

/** Why an instance could not be launched, and when its making began. */
interface LaunchFailure {
  readonly step: StartStep;
  readonly error: unknown;
  readonly began: number;
}

interface BlamedCall {
  readonly function: string;
  readonly capability?: string;
  readonly began: number;
}

export class Supervisor implements BindingOwner {
  readonly #options: SupervisorOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #faultLog: FaultLog;
  readonly #services: HostServices;
  readonly #backoff: Backoff;
  readonly #bindings = new Map<CapabilityContract<unknown>, unknown>();
  readonly #slots: Slot[] = [];
  /** Calls that may be suspended, each by what rejects it. */
  readonly #suspended = new Set<() => void>();
  readonly #lastFaults: Fault[] = [];
  readonly #faultsByKind = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<
    FaultKind,
    number
  >;
  #state: InstanceState = 'starting';
  #life: Life | undefined;
  #stopping = false;
  /** It has its place in the budget of instances. */
  #counted = false;
  #retry: { readonly timer: Timer; readonly at: number } | undefined;
  #faults = 0;
  #restarts = 0;
  #unavailable = 0;
  turnBegan = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#clock = clockInOwnContext(options.clock);
    const names = { extension: options.extension, ...(options.consumer && { consumer: options.consumer }) };
    this.#log = options.log.child(names);
    this.#faultLog = new FaultLog(this.#log, this.#clock);
    this.#services = new HostServices(this.#log, this.#clock, options.limits, options.grants);
    this.#backoff = new Backoff(options.restart, options.random);
  }

  /** The binding of `contract`, the same one each time. The component exports it: the provider was checked. */
  bind<T>(contract: CapabilityContract<T>): T {
    const known = this.#bindings.get(contract);
    if (known !== undefined) return known as T;
    const type = exportedInterfaces(this.#options.component.type).get(contract.interface)!;
    const down = (slot: Slot) => () => {
      this.#unavailable++;
      throw new CapabilityError(this.#options.extension, slot.capability, false, this.#whyDown());
    };
    const { binding, slots } = makeBinding(contract, functionsOf(type), this, down);
    for (const slot of slots) {
      this.#slots.push(slot);
      this.#downs.set(slot, slot.target);
      if (this.#state === 'ready') pointTo(slot, this.#life!.instance!.exports);
    }
    this.#bindings.set(contract, binding);
    return binding;
  }

  /** What each slot holds while there is no instance. */
  readonly #downs = new Map<Slot, Slot['target']>();

  /** The first start. @throws WeirError `WEIR_EXTENSION_START`, `WEIR_EXTENSION_INSTANCE_LIMIT` */
  start(): void {
    this.#options.budget?.take(this.#options.extension);
    this.#counted = true;
    const failure = this.#launch();
    if (failure === undefined) {
      this.#emit({ type: 'started' });
      return;
    }
    this.#state = 'failed';
    this.#record(failure);
    throw startError(this.#options.extension, failure.step, failure.error);
  }

  /** The end. A guest that faults in its `stop` is told of in the log and keeps nothing from ending. */
  stop(reason: StopReason): void {
    if (this.#state === 'stopped') return;
    this.#stopping = true;
    if (this.#counted) this.#options.budget?.give();
    this.#counted = false;
    this.#retry?.timer.cancel();
    this.#retry = undefined;
    const life = this.#life;
    if (this.#state === 'ready' && this.#options.hasLifecycle) {
      const began = this.elapsed();
      try {
        (life!.instance!.exports[LIFECYCLE] as Lifecycle).stop(reason);
      } catch (error) {
        this.#blame(error, { function: `${LIFECYCLE}#stop`, began });
      }
    }
    if (this.#state !== 'failed') this.#state = 'stopped';
    if (life !== undefined) this.#discard(life);
    // In a moment, when a fault of its `stop` has been told of.
    queueMicrotask(() => this.#faultLog.end());
    this.#emit({ type: 'stopped' });
  }

  status(): InstanceStatus {
    const live = this.#life?.over === false ? this.#life : undefined;
    return {
      consumer: this.#options.consumer,
      state: this.#state,
      calls: this.#slots.reduce((sum, slot) => sum + slot.calls, 0),
      unavailable: this.#unavailable,
      faults: this.#faults,
      faultsByKind: { ...this.#faultsByKind },
      restarts: this.#restarts,
      lastFaults: [...this.#lastFaults],
      restartAt: this.#retry?.at,
      memoryBytes: live?.instance?.memoryBytes() ?? 0,
      timersPending: live?.timers.pending ?? 0,
      logLinesLeftOut: this.#services.log.leftOut,
    };
  }

  failed(slot: Slot, error: unknown, began = this.turnBegan): unknown {
    // The guest's own `err`, a call that found it down, a caller's wrong argument: no faults.
    if (error instanceof ComponentError || error instanceof CapabilityError || error instanceof TypeError) {
      return error;
    }
    const { extension } = this.#options;
    if (error instanceof PoisonedError) {
      return new CapabilityError(extension, slot.capability, false, this.#whyDown(), error);
    }
    this.#blame(error, { function: slot.function, capability: slot.capability, began });
    const message = `extension \`${extension}\` faulted: ${describeFault(error, 0).message}`;
    return new CapabilityError(extension, slot.capability, true, message, error);
  }

  awaited(slot: Slot, call: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const giveUp = () =>
        reject(new CapabilityError(this.#options.extension, slot.capability, false, this.#whyDown()));
      this.#suspended.add(giveUp);
      call.then(resolve, reject).finally(() => this.#suspended.delete(giveUp));
    });
  }

  beginTurn(): void {
    this.turnBegan = this.elapsed();
    setImmediate(() => {
      this.turnBegan = 0;
    }).unref();
  }

  elapsed(): number {
    return Number(this.#clock.monotonicNs()) / 1e6;
  }

  /** Make, configure and start an instance; point the bindings to it. Returns why it could not be done. */
  #launch(): LaunchFailure | undefined {
    const { component, config, isConfigured, hasLifecycle, limits } = this.#options;
    const { imports, timers } = this.#services.forInstance((timer) => this.#timerDue(timer));
    const life: Life = { timers, instance: undefined, over: false };
    let step: StartStep = { name: 'instantiate', function: undefined };
    const began = this.elapsed();
    try {
      const onPoison = (cause: unknown) => this.#poisoned(life, cause);
      const instance = component.instantiate(imports, { onPoison, limits });
      life.instance = instance;
      if (isConfigured) {
        step = { name: 'configure', function: `${CONFIGURED}#configure` };
        (instance.exports[CONFIGURED] as Configured).configure(JSON.stringify(config ?? {}));
      }
      if (hasLifecycle) {
        step = { name: 'start', function: `${LIFECYCLE}#start` };
        (instance.exports[LIFECYCLE] as Lifecycle).start();
      }
      // Guest code may have caught the fault and gone on.
      if (life.over) return { step, error: instance.poisonedBy, began };
    } catch (error) {
      life.over = true;
      timers.close();
      life.instance?.poison(error);
      return { step, error, began };
    }
    this.#life = life;
    this.#state = 'ready';
    for (const slot of this.#slots) pointTo(slot, life.instance.exports);
    return undefined;
  }

  #timerDue(timer: number): void {
    const began = this.elapsed();
    try {
      (this.#life!.instance!.exports[LIFECYCLE] as Lifecycle).onTimer(timer);
    } catch (error) {
      this.#blame(error, { function: `${LIFECYCLE}#on-timer`, began });
    }
  }

  #poisoned(life: Life, cause: unknown): void {
    if (life.over) return;
    const wasLive = this.#life === life;
    this.#discard(life);
    // While an instance is being launched, whoever launches it hears of the fault from `#launch`.
    if (wasLive) this.#replaceAfter(this.#record({ error: cause }));
  }

  #discard(life: Life): void {
    life.over = true;
    life.timers.close();
    life.instance?.poison(new PoisonedError('discarded'));
    if (this.#life !== life) return;
    this.#life = undefined;
    for (const slot of this.#slots) slot.target = this.#downs.get(slot)!;
    // Later, so that the call that faulted, if it is one of these, is settled with its own fault.
    const calls = [...this.#suspended];
    if (calls.length === 0) return;
    setImmediate(() => {
      for (const giveUp of calls) giveUp();
    });
  }

  #replaceAfter(fault: Fault): void {
    let restartInMs: number | undefined;
    if (!this.#stopping) {
      this.#state = 'restarting';
      restartInMs = this.#backoff.next(this.#clock.now());
      const timer = this.#clock.after(restartInMs, () => this.#restart());
      this.#retry = { timer, at: this.#clock.now() + restartInMs };
    }
    // In a moment, when the call on the stack has told which function it was.
    queueMicrotask(() => {
      this.#faultLog.tell(fault, restartInMs);
      this.#emit({ type: 'faulted', fault, restartInMs });
    });
  }

  #restart(): void {
    this.#retry = undefined;
    const failure = this.#launch();
    if (failure !== undefined) {
      this.#replaceAfter(this.#record(failure));
      return;
    }
    this.#restarts++;
    this.#log.info({ restarts: this.#restarts }, 'extension restarted');
    this.#emit({ type: 'restarted' });
  }

  #record({ error, step, began }: Partial<LaunchFailure>): Fault {
    const fault = describeFault(error, this.#clock.now());
    fault.extension = this.#options.extension;
    fault.pipeline = this.#options.pipeline;
    fault.function = step?.function;
    if (began !== undefined) fault.durationMs = this.elapsed() - began;
    this.#faults++;
    this.#faultsByKind[fault.kind]++;
    this.#lastFaults.push(fault);
    if (this.#lastFaults.length > LAST_FAULTS) this.#lastFaults.shift();
    return fault;
  }

  /** A call threw `error`: the fault that it brought about happened there. */
  #blame(error: unknown, call: BlamedCall): void {
    // A backend poisons before it throws; should one not, the instance is given up all the same.
    if (this.#life?.over === false) this.#life.instance!.poison(error);
    const last = this.#lastFaults.at(-1);
    if (last === undefined || last.function !== undefined) return;
    last.function = call.function;
    last.capability = call.capability;
    last.durationMs = this.elapsed() - call.began;
  }

  #whyDown(): string {
    const { extension } = this.#options;
    switch (this.#state) {
      case 'starting':
        return `extension \`${extension}\` has not started yet`;
      case 'restarting': {
        const inMs = Math.max(0, Math.ceil((this.#retry?.at ?? 0) - this.#clock.now()));
        return `extension \`${extension}\` is down: ${this.#lastFaults.at(-1)?.message}; next restart in ${inMs} ms`;
      }
      case 'failed':
        return `extension \`${extension}\` could not be started`;
      default:
        return `extension \`${extension}\` is stopped`;
    }
  }

  #emit(
    what:
      | { type: 'started' | 'restarted' | 'stopped' }
      | { type: 'faulted'; fault: Fault; restartInMs: number | undefined },
  ): void {
    const { extension, consumer, onEvent } = this.#options;
    try {
      onEvent?.({ extension, consumer, ...what });
    } catch (error) {
      // Whoever watches must not be able to keep an extension from being replaced.
      this.#log.error({ err: error }, 'a listener for extension events threw');
    }
  }
}
