/**
 * The supervisor of one component instance: starts it, and replaces it whenever it faults.
 *
 * - Every fault arrives in `poisoned`, whatever call brought it about, even one that guest code
 *   caught: a poisoned instance is never entered again.
 * - From that moment bindings throw `CapabilityError`. Once the call on the stack has told which
 *   function it was, `#settle` decides: the first fault of a window is made good before that call
 *   returns, further ones after a wait, and one too many quarantines the extension.
 * - A spare stands by, instantiated and configured ahead; it is started when it takes over.
 * - After the cooldown of a quarantine a fresh instance is made and one call decides (`Trial`).
 * - Timers die with the instance that set them; a fresh one is configured and started like the first.
 * - The first start is different: its failure is the caller's, and nothing is tried again.
 */
import type { Logger } from 'pino';
import type { CapabilityContract } from '../capability/contract.ts';
import { CapabilityError } from '../capability/errors.ts';
import type { Clock, Timer } from '../clock.ts';
import type { InstanceLimits } from '../component/component.ts';
import { ComponentError, PoisonedError } from '../component/errors.ts';
import type { SupervisionConfig } from '../config/model.ts';
import type { WeirError } from '../errors.ts';
import type { Grants } from '../sandbox/grants.ts';
import type { Slot } from './binding.ts';
import { BindingSet, type SetOwner } from './binding-set.ts';
import { CheckpointKeeper } from './checkpoint.ts';
import { describeFault, type Fault } from './fault.ts';
import { FaultRecord } from './fault-record.ts';
import type { InstanceBudget } from './instance-budget.ts';
import { CHECKPOINT, type Checkpoint, LIFECYCLE, type Lifecycle, type StopReason } from './interfaces.ts';
import { type Deadlines, type LaunchFailure, Life, type LifeOwner, type LifePlan } from './life.ts';
import { OwnContext } from './own-context.ts';
import { ReadinessWait } from './readiness.ts';
import { RestartPolicy } from './restart-policy.ts';
import { HostServices, type ServiceLimits } from './services/services.ts';
import { Spare } from './spare.ts';
import { startError } from './start-error.ts';
import type { ExtensionEvent, ExtensionHappening, InstanceState, InstanceStatus } from './status.ts';
import { Trial } from './trial.ts';
import { whyDown } from './why-down.ts';

export interface SupervisorOptions extends LifePlan {
  /** The extension's name, and the node that this instance serves where each has one of its own. */
  readonly extension: string;
  readonly consumer: string | undefined;
  /** The pipeline that it belongs to, for faults to tell. */
  readonly pipeline: string | undefined;
  readonly limits: ServiceLimits & InstanceLimits & Deadlines;
  readonly grants: Grants;
  /** Where it takes its place among the component instances of the engine, if they are counted. */
  readonly budget: InstanceBudget | undefined;
  readonly supervision: SupervisionConfig;
  /** What the instance whose place this one takes has saved. */
  readonly checkpoint?: Uint8Array | undefined;
  readonly clock: Clock;
  /** Answers numbers in [0, 1): the jitter of restarts. */
  readonly random: () => number;
  readonly log: Logger;
  readonly onEvent: ((event: ExtensionEvent) => void) | undefined;
}

interface BlamedCall {
  readonly function: string;
  readonly capability?: string;
  /** When it began, by `elapsed` of the bindings. */
  readonly began: number;
}

export class Supervisor implements SetOwner, LifeOwner {
  readonly #options: SupervisorOptions;
  readonly #context = new OwnContext();
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #record: FaultRecord;
  readonly #checkpoint: CheckpointKeeper;
  readonly #services: HostServices;
  readonly #policy: RestartPolicy;
  readonly #bindings: BindingSet;
  #state: InstanceState = 'starting';
  /** The instance that serves. */
  #life: Life | undefined;
  /** Until the first start is over. */
  #first: PromiseWithResolvers<void> | undefined;
  #ready: Promise<void> = Promise.resolve();
  /** An instance that has started and is not ready yet. */
  #coming: ReadinessWait | undefined;
  readonly #spare: Spare;
  #trial: Trial | undefined;
  #stopping = false;
  /** It has its place in the budget of instances. */
  #counted = false;
  /** Faults by what instances were poisoned with: a call that one of them takes down says nothing of its successor. */
  readonly #faultsByCause = new WeakMap<object, Fault>();
  /** A fault whose consequences are not drawn yet. */
  #unsettled: Fault | undefined;
  /** What it was told by. */
  #cause: unknown;
  /** The next replacement, or the next probe of a quarantined one. */
  #retry: { readonly timer: Timer; readonly at: number } | undefined;
  /** The end of the window after a fault. */
  #calm: Timer | undefined;
  #saving: Timer | undefined;
  #restarts = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#clock = this.#context.clock(options.clock);
    const names = { extension: options.extension, ...(options.consumer && { consumer: options.consumer }) };
    this.#log = options.log.child(names);
    this.#record = new FaultRecord(options, this.#clock, this.#log);
    this.#checkpoint = new CheckpointKeeper(options.supervision.checkpoint, this.#log, options.checkpoint);
    this.#services = new HostServices(this.#log, this.#clock, options.limits, options.grants);
    this.#policy = new RestartPolicy(options.supervision.restart, options.random);
    this.#bindings = new BindingSet(options.component, this.#clock, this);
    this.#spare = new Spare(
      () => new Life(options, this.#services, this),
      (callback) => this.#context.run(callback),
      this.#log,
    );
  }

  /** The binding of `contract`, the same one each time. The component exports it: the provider was checked. */
  bind<T>(contract: CapabilityContract<T>): T {
    return this.#bindings.bind(contract, this.#life?.exports);
  }

  /** The first start. @throws WeirError `WEIR_EXTENSION_START`, `WEIR_EXTENSION_INSTANCE_LIMIT` */
  start(): void {
    this.#options.budget?.take(this.#options.extension);
    this.#counted = true;
    const began = this.#bindings.elapsed();
    const launched = this.#launch();
    if (launched instanceof Life) {
      this.#first = Promise.withResolvers();
      // Nobody needs to ask for it.
      this.#first.promise.catch(() => {});
      this.#ready = this.#first.promise;
      this.#arrive(launched, () => {
        this.#first?.resolve();
        this.#first = undefined;
        this.#serve(launched, 'ready', { type: 'started' });
      });
      return;
    }
    const fault = this.#failure(launched, began);
    this.#enter('failed', { type: 'failed', fault });
    throw startError(this.#options.extension, launched.step, launched.error);
  }

  /** Settles when the first start is over: with an instance that is ready, or like `start` with an error. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /** The last state that a sound instance has saved, for one that takes this one's place. */
  get checkpoint(): Uint8Array | undefined {
    return this.#checkpoint.state;
  }

  /** The end. A guest that faults in its `stop` is told of in the log and keeps nothing from ending. */
  stop(reason: StopReason): void {
    if (this.#state === 'stopped') return;
    this.#stopping = true;
    if (this.#counted) this.#options.budget?.give();
    this.#counted = false;
    this.#retry?.timer.cancel();
    this.#retry = undefined;
    this.#spare.end();
    if (this.#life !== undefined) this.#save(this.#life);
    const life = this.#life ?? this.#coming?.life;
    this.#coming?.cancel();
    this.#coming = undefined;
    if (life !== undefined && this.#options.hasLifecycle) {
      this.#call(life, `${LIFECYCLE}#stop`, (exports) => (exports[LIFECYCLE] as Lifecycle).stop(reason));
    }
    life?.end();
    if (this.#state !== 'failed') this.#state = 'stopped';
    this.#withdraw();
    this.#settle();
    this.#first?.reject(this.#firstError(new PoisonedError('it was stopped')));
    this.#first = undefined;
    this.#record.log.end();
    this.#emit({ type: 'stopped' });
  }

  status(): InstanceStatus {
    const life = this.#life ?? this.#coming?.life;
    return {
      consumer: this.#options.consumer,
      state: this.#state,
      calls: this.#bindings.calls,
      unavailable: this.#bindings.unavailable,
      faults: this.#record.count,
      faultsByKind: { ...this.#record.byKind },
      restarts: this.#restarts,
      lastFaults: [...this.#record.last],
      restartAt: this.#retry?.at,
      hasSpare: this.#spare.isThere,
      checkpointAt: this.#checkpoint.at,
      memoryBytes: life?.memoryBytes ?? 0,
      timersPending: life?.timersPending ?? 0,
      logLinesLeftOut: this.#services.log.leftOut,
    };
  }

  failed(slot: Slot, error: unknown, began: number): unknown {
    // The guest's own `err`, a call that found it down, a caller's wrong argument: no faults.
    if (error instanceof ComponentError || error instanceof CapabilityError || error instanceof TypeError) {
      return error;
    }
    const { extension } = this.#options;
    if (error instanceof PoisonedError) return this.refusal(slot, error);
    const call = { function: slot.function, capability: slot.capability, began };
    if (!this.#blame(error, call)) return this.refusal(slot, error);
    const message = `extension \`${extension}\` faulted: ${describeFault(error, 0).message}`;
    return new CapabilityError(extension, slot.capability, true, message, error);
  }

  refusal(slot: Slot, cause?: unknown): CapabilityError {
    return new CapabilityError(this.#options.extension, slot.capability, false, this.#whyDown(), cause);
  }

  timerDue(life: Life, timer: number): void {
    this.#call(life, `${LIFECYCLE}#on-timer`, (exports) => (exports[LIFECYCLE] as Lifecycle).onTimer(timer));
    if (this.#coming?.life === life) this.#coming.check();
  }

  poisoned(life: Life, cause: unknown): void {
    if (life.over) return;
    life.end();
    this.#spare.drop(life);
    // While an instance is being launched, whoever launches it hears of the fault from `#launch`.
    if (life !== this.#life && life !== this.#coming?.life) return;
    this.#coming?.cancel();
    this.#coming = undefined;
    // A call that waits tells of it a few turns of the microtask queue later.
    const isWaitedFor = this.#bindings.hasSuspended;
    const fault = this.#record.add(cause, life.memoryIsFull);
    this.#unsettled = fault;
    this.#cause = cause;
    if (cause instanceof Error) this.#faultsByCause.set(cause, fault);
    if (!this.#stopping && this.#first === undefined) this.#state = 'restarting';
    this.#withdraw();
    // Sooner, when the call on the stack tells of it; here, when guest code has caught the fault.
    if (isWaitedFor) setImmediate(() => this.#settle());
    else queueMicrotask(() => this.#settle());
  }

  /** A started instance: the spare, if there is one. */
  #launch(): Life | LaunchFailure {
    const life = this.#spare.take();
    if (!(life instanceof Life)) return life;
    const failure = life.start(this.#checkpoint.state);
    if (failure?.step.name === 'restore') this.#checkpoint.drop('it could not be restored');
    return failure ?? life;
  }

  /** An instance has started: `serve` once it is ready. */
  #arrive(life: Life, serve: () => void): void {
    if (life.isReady) {
      serve();
      return;
    }
    this.#coming = new ReadinessWait(life, this.#clock, this.#options.supervision.readyWithinMs, {
      ready: () => {
        this.#coming = undefined;
        serve();
      },
      failed: (error) => {
        this.#coming = undefined;
        life.end(error);
        this.#unsettled = this.#record.add(error, false);
        this.#cause = error;
        this.#settle(false);
      },
    });
    this.#coming.check();
  }

  #firstError(error: unknown): WeirError {
    return startError(this.#options.extension, { name: 'readiness', function: undefined }, error);
  }

  #serve(life: Life, state: 'ready' | 'degraded', event: ExtensionHappening): void {
    this.#life = life;
    this.#bindings.pointTo(life.exports);
    if (this.#trial !== undefined) this.#bindings.guard(this.#trial.guard);
    this.#enter(state, event);
    if (state === 'degraded') {
      const { windowMs } = this.#options.supervision.restart;
      this.#calm = this.#clock.after(windowMs, () => this.#recovered());
    }
    this.#spare.prepareSoon(() => {
      if (this.#life !== undefined && this.#checkpoint.state === undefined) this.#save(this.#life);
    });
    if (!this.#options.hasCheckpoint) return;
    const { everyMs } = this.#options.supervision.checkpoint;
    this.#saving = this.#clock.every(everyMs, () => this.#save(life));
  }

  #save(life: Life): void {
    if (!this.#options.hasCheckpoint) return;
    let state: Uint8Array | undefined;
    this.#call(life, `${CHECKPOINT}#save`, (exports) => {
      state = (exports[CHECKPOINT] as Checkpoint).save();
    });
    if (state !== undefined && !life.over) this.#checkpoint.keep(state, this.#clock.now());
  }

  /** No instance serves any more. */
  #withdraw(): void {
    this.#life = undefined;
    this.#calm?.cancel();
    this.#saving?.cancel();
    this.#bindings.takeDown();
  }

  /** Draw the consequences of a fault, with no guest code on the stack. `atOnce`: it may be made good now. */
  #settle(atOnce = true): void {
    const fault = this.#unsettled;
    if (fault === undefined) return;
    this.#unsettled = undefined;
    if (this.#first !== undefined && !this.#stopping) {
      this.#first.reject(this.#firstError(this.#cause));
      this.#first = undefined;
      this.#enter('failed', { type: 'failed', fault });
      return;
    }
    const now = this.#clock.now();
    const isFinal = this.#stopping || this.#trial !== undefined;
    let restartInMs = isFinal ? undefined : this.#policy.next(now);
    if (restartInMs === 0 && !atOnce) restartInMs = this.#options.supervision.restart.backoff.initialMs;
    this.#record.log.tell(fault, restartInMs);
    this.#emit({ type: 'faulted', fault, restartInMs });
    if (this.#stopping) return;
    if (restartInMs === undefined) this.#context.run(() => this.#quarantine(now));
    else if (restartInMs === 0) this.#context.run(() => this.#replace());
    else {
      const timer = this.#clock.after(restartInMs, () => this.#replace());
      this.#retry = { timer, at: now + restartInMs };
    }
  }

  #replace(): void {
    this.#retry = undefined;
    const began = this.#bindings.elapsed();
    const launched = this.#launch();
    if (launched instanceof Life) {
      this.#arrive(launched, () => {
        this.#restarts++;
        this.#log.info({ restarts: this.#restarts }, 'extension restarted');
        this.#serve(launched, 'degraded', { type: 'restarted' });
      });
      return;
    }
    this.#unsettled = this.#failure(launched, began);
    // Were the window shorter than a start takes, trying at once would go on for ever.
    this.#settle(false);
  }

  #quarantine(now: number): void {
    const { cooldownMs } = this.#options.supervision.quarantine;
    this.#trial = undefined;
    this.#checkpoint.drop('it may be what the extension faults on');
    const timer = this.#clock.after(cooldownMs, () => this.#probe());
    this.#retry = { timer, at: now + cooldownMs };
    this.#log.error({ probeInMs: cooldownMs }, 'extension quarantined: it faulted too often');
    this.#enter('quarantined', { type: 'quarantined', probeInMs: cooldownMs });
  }

  /** The cooldown is over: a fresh instance, whose next call decides. */
  #probe(): void {
    this.#retry = undefined;
    const trial = new Trial(
      () => {
        if (this.#trial === trial) this.#recovered();
      },
      (slot) => this.refusal(slot),
    );
    this.#trial = trial;
    const began = this.#bindings.elapsed();
    const launched = this.#launch();
    if (launched instanceof Life) {
      this.#arrive(launched, () => {
        this.#log.info('extension on trial after its quarantine');
        this.#serve(launched, 'degraded', { type: 'probed' });
      });
      return;
    }
    this.#unsettled = this.#failure(launched, began);
    this.#settle();
  }

  /** A window without a fault has passed, or the trial. */
  #recovered(): void {
    const life = this.#life;
    if (life === undefined) return;
    this.#calm?.cancel();
    if (this.#trial !== undefined) {
      this.#trial = undefined;
      this.#policy.forget();
      this.#bindings.pointTo(life.exports);
    }
    this.#log.info('extension recovered');
    this.#enter('ready', { type: 'recovered' });
  }

  /** Call an export of the extension's own interfaces. */
  #call(life: Life, name: string, call: (exports: Life['exports']) => void): void {
    const began = this.#bindings.elapsed();
    try {
      call(life.exports);
    } catch (error) {
      life.poison(error);
      this.#blame(error, { function: name, began });
    }
  }

  /** A call threw `error`: the fault that it brought about happened there. False when it happened in another call. */
  #blame(error: unknown, call: BlamedCall): boolean {
    let fault = this.#faultsByCause.get(error as object);
    if (fault === undefined) {
      this.#life?.poison(error);
      fault = this.#unsettled;
    }
    const isIts = fault?.function === undefined;
    if (fault !== undefined && isIts) {
      fault.function = call.function;
      fault.capability = call.capability;
      fault.durationMs = this.#bindings.elapsed() - call.began;
    }
    this.#settle();
    return isIts;
  }

  #failure({ error, step, memoryIsFull }: LaunchFailure, began: number): Fault {
    const fault = this.#record.add(error, memoryIsFull);
    fault.function = step.function;
    fault.durationMs = this.#bindings.elapsed() - began;
    return fault;
  }

  #whyDown(): string {
    return whyDown({
      extension: this.#options.extension,
      state: this.#state,
      isStarted: this.#first !== undefined,
      lastFault: this.#record.last.at(-1)?.message,
      nextInMs: this.#retry && this.#retry.at - this.#clock.now(),
    });
  }

  #enter(state: InstanceState, event: ExtensionHappening): void {
    this.#state = state;
    this.#emit(event);
  }

  #emit(event: ExtensionHappening): void {
    const { extension, consumer, onEvent } = this.#options;
    try {
      onEvent?.({ extension, consumer, state: this.#state, ...event });
    } catch (error) {
      // Whoever watches must not be able to keep an extension from being replaced.
      this.#log.error({ err: error }, 'a listener for extension events threw');
    }
  }
}
