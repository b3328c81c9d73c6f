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
import type { Grants } from '../sandbox/grants.ts';
import type { Slot } from './binding.ts';
import { BindingSet, type SetOwner } from './binding-set.ts';
import { describeFault, FAULT_KINDS, type Fault, type FaultKind } from './fault.ts';
import { FaultLog } from './fault-log.ts';
import type { InstanceBudget } from './instance-budget.ts';
import { LIFECYCLE, type Lifecycle, type StopReason } from './interfaces.ts';
import { type LaunchFailure, Life, type LifeOwner, type LifePlan } from './life.ts';
import { OwnContext } from './own-context.ts';
import { RestartPolicy } from './restart-policy.ts';
import { HostServices, type ServiceLimits } from './services/services.ts';
import { startError } from './start-error.ts';
import type { ExtensionEvent, ExtensionHappening, InstanceState, InstanceStatus } from './status.ts';
import { Trial } from './trial.ts';

/** Most faults that are remembered one by one. */
const LAST_FAULTS = 8;

export interface SupervisorOptions extends LifePlan {
  /** The extension's name, and the node that this instance serves where each has one of its own. */
  readonly extension: string;
  readonly consumer: string | undefined;
  /** The pipeline that it belongs to, for faults to tell. */
  readonly pipeline: string | undefined;
  readonly limits: ServiceLimits & InstanceLimits;
  readonly grants: Grants;
  /** Where it takes its place among the component instances of the engine, if they are counted. */
  readonly budget: InstanceBudget | undefined;
  readonly supervision: SupervisionConfig;
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
  readonly #faultLog: FaultLog;
  readonly #services: HostServices;
  readonly #policy: RestartPolicy;
  readonly #bindings: BindingSet;
  readonly #lastFaults: Fault[] = [];
  readonly #faultsByKind = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<
    FaultKind,
    number
  >;
  #state: InstanceState = 'starting';
  /** The instance that serves. */
  #life: Life | undefined;
  #spare: Life | undefined;
  #spareDue: NodeJS.Immediate | undefined;
  #trial: Trial | undefined;
  #stopping = false;
  /** It has its place in the budget of instances. */
  #counted = false;
  /** What instances were poisoned with: a call that one of them takes down says nothing of its successor. */
  readonly #causes = new WeakSet<object>();
  /** A fault whose consequences are not drawn yet. */
  #unsettled: Fault | undefined;
  /** The next replacement, or the next probe of a quarantined one. */
  #retry: { readonly timer: Timer; readonly at: number } | undefined;
  /** The end of the window after a fault. */
  #calm: Timer | undefined;
  #faults = 0;
  #restarts = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#clock = this.#context.clock(options.clock);
    const names = { extension: options.extension, ...(options.consumer && { consumer: options.consumer }) };
    this.#log = options.log.child(names);
    this.#faultLog = new FaultLog(this.#log, this.#clock);
    this.#services = new HostServices(this.#log, this.#clock, options.limits, options.grants);
    this.#policy = new RestartPolicy(options.supervision.restart, options.random);
    this.#bindings = new BindingSet(options.component, this.#clock, this);
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
      this.#serve(launched, 'ready', { type: 'started' });
      return;
    }
    const fault = this.#recordFailure(launched, began);
    this.#enter('failed', { type: 'failed', fault });
    throw startError(this.#options.extension, launched.step, launched.error);
  }

  /** The end. A guest that faults in its `stop` is told of in the log and keeps nothing from ending. */
  stop(reason: StopReason): void {
    if (this.#state === 'stopped') return;
    this.#stopping = true;
    if (this.#counted) this.#options.budget?.give();
    this.#counted = false;
    this.#retry?.timer.cancel();
    this.#retry = undefined;
    clearImmediate(this.#spareDue);
    this.#spare?.end();
    this.#spare = undefined;
    const life = this.#life;
    if (life !== undefined && this.#options.hasLifecycle) {
      this.#call(life, `${LIFECYCLE}#stop`, (exports) => (exports[LIFECYCLE] as Lifecycle).stop(reason));
    }
    life?.end();
    if (this.#state !== 'failed') this.#state = 'stopped';
    this.#withdraw();
    this.#settle();
    this.#faultLog.end();
    this.#emit({ type: 'stopped' });
  }

  status(): InstanceStatus {
    return {
      consumer: this.#options.consumer,
      state: this.#state,
      calls: this.#bindings.calls,
      unavailable: this.#bindings.unavailable,
      faults: this.#faults,
      faultsByKind: { ...this.#faultsByKind },
      restarts: this.#restarts,
      lastFaults: [...this.#lastFaults],
      restartAt: this.#retry?.at,
      hasSpare: this.#spare !== undefined,
      memoryBytes: this.#life?.memoryBytes ?? 0,
      timersPending: this.#life?.timersPending ?? 0,
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
    this.#blame(error, { function: slot.function, capability: slot.capability, began });
    const message = `extension \`${extension}\` faulted: ${describeFault(error, 0).message}`;
    return new CapabilityError(extension, slot.capability, true, message, error);
  }

  refusal(slot: Slot, cause?: unknown): CapabilityError {
    return new CapabilityError(this.#options.extension, slot.capability, false, this.#whyDown(), cause);
  }

  timerDue(life: Life, timer: number): void {
    this.#call(life, `${LIFECYCLE}#on-timer`, (exports) => (exports[LIFECYCLE] as Lifecycle).onTimer(timer));
  }

  poisoned(life: Life, cause: unknown): void {
    if (life.over) return;
    life.end();
    if (cause instanceof Error) this.#causes.add(cause);
    if (life === this.#spare) this.#spare = undefined;
    // While an instance is being launched, whoever launches it hears of the fault from `#launch`.
    if (life !== this.#life) return;
    this.#unsettled = this.#record(cause);
    if (!this.#stopping) this.#state = 'restarting';
    this.#withdraw();
    // Sooner, when the call on the stack tells of it; here, when guest code has caught the fault.
    queueMicrotask(() => this.#settle());
  }

  /** A started instance: the spare, if there is one. */
  #launch(): Life | LaunchFailure {
    let life = this.#spare;
    this.#spare = undefined;
    let failure: LaunchFailure | undefined;
    if (life === undefined) {
      life = new Life(this.#options, this.#services, this);
      failure = life.prepare();
    }
    return failure ?? life.start() ?? life;
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
    // Not now: whoever made the call that faulted is waiting.
    clearImmediate(this.#spareDue);
    this.#spareDue = setImmediate(() => this.#context.run(() => this.#prepareSpare()));
  }

  #prepareSpare(): void {
    if (this.#stopping || this.#spare !== undefined) return;
    const spare = new Life(this.#options, this.#services, this);
    this.#spare = spare;
    const failure = spare.prepare();
    if (failure === undefined) return;
    // Nobody is worse off: should a replacement be needed, it is made then, and its fault is told.
    this.#spare = undefined;
    this.#log.debug({ err: failure.error }, 'the spare instance of the extension could not be prepared');
  }

  /** No instance serves any more. */
  #withdraw(): void {
    this.#life = undefined;
    this.#calm?.cancel();
    this.#bindings.takeDown();
  }

  /** Draw the consequences of a fault, with no guest code on the stack. `atOnce`: it may be made good now. */
  #settle(atOnce = true): void {
    const fault = this.#unsettled;
    if (fault === undefined) return;
    this.#unsettled = undefined;
    const now = this.#clock.now();
    const isFinal = this.#stopping || this.#trial !== undefined;
    let restartInMs = isFinal ? undefined : this.#policy.next(now);
    if (restartInMs === 0 && !atOnce) restartInMs = this.#options.supervision.restart.backoff.initialMs;
    this.#faultLog.tell(fault, restartInMs);
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
      this.#restarts++;
      this.#log.info({ restarts: this.#restarts }, 'extension restarted');
      this.#serve(launched, 'degraded', { type: 'restarted' });
      return;
    }
    this.#unsettled = this.#recordFailure(launched, began);
    // Were the window shorter than a start takes, trying at once would go on for ever.
    this.#settle(false);
  }

  #quarantine(now: number): void {
    const { cooldownMs } = this.#options.supervision.quarantine;
    this.#trial = undefined;
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
      this.#log.info('extension on trial after its quarantine');
      this.#serve(launched, 'degraded', { type: 'probed' });
      return;
    }
    this.#unsettled = this.#recordFailure(launched, began);
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

  /** A call threw `error`: the fault that it brought about happened there. */
  #blame(error: unknown, call: BlamedCall): void {
    if (!this.#causes.has(error as object)) this.#life?.poison(error);
    const fault = this.#unsettled;
    if (fault !== undefined && fault.function === undefined) {
      fault.function = call.function;
      fault.capability = call.capability;
      fault.durationMs = this.#bindings.elapsed() - call.began;
    }
    this.#settle();
  }

  #recordFailure({ error, step }: LaunchFailure, began: number): Fault {
    const fault = this.#record(error);
    fault.function = step.function;
    fault.durationMs = this.#bindings.elapsed() - began;
    return fault;
  }

  #record(error: unknown): Fault {
    const fault = describeFault(error, this.#clock.now());
    fault.extension = this.#options.extension;
    fault.pipeline = this.#options.pipeline;
    this.#faults++;
    this.#faultsByKind[fault.kind]++;
    this.#lastFaults.push(fault);
    if (this.#lastFaults.length > LAST_FAULTS) this.#lastFaults.shift();
    return fault;
  }

  #whyDown(): string {
    const name = `extension \`${this.#options.extension}\``;
    const inMs = Math.max(0, Math.ceil((this.#retry?.at ?? 0) - this.#clock.now()));
    switch (this.#state) {
      case 'starting':
        return `${name} has not started yet`;
      case 'failed':
        return `${name} could not be started`;
      case 'stopped':
        return `${name} is stopped`;
      case 'quarantined':
        return `${name} is quarantined: ${this.#lastFaults.at(-1)?.message}; next tried in ${inMs} ms`;
      case 'degraded':
        return `${name} is on trial after its quarantine, and another call is under way`;
      default: {
        const next = this.#retry === undefined ? '' : `; next restart in ${inMs} ms`;
        return `${name} is down: ${this.#lastFaults.at(-1)?.message}${next}`;
      }
    }
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
