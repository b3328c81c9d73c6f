/**
 * One component instance, from its making to its fault or its end. What it may do in which order:
 * `prepare` (instantiate and configure, perhaps long before it is needed), `start`, calls, `end`.
 *
 * A life tells its owner of its fault and of its timers; what follows from that is the supervisor's.
 */
import type { Component, Exports, Instance, InstanceLimits } from '../component/component.ts';
import { PoisonedError } from '../component/errors.ts';
import { Deadline } from '../sandbox/deadline.ts';
import {
  CHECKPOINT,
  type Checkpoint,
  CONFIGURED,
  type Configured,
  LIFECYCLE,
  type Lifecycle,
} from './interfaces.ts';
import type { HostServices, InstanceServices } from './services/services.ts';

import type { StartStep } from './start-error.ts';

/** What a life is made of. */
export interface LifePlan {
  readonly component: Component;
  readonly isConfigured: boolean;
  readonly hasLifecycle: boolean;
  readonly hasCheckpoint: boolean;
  /** It is ready when it says so, not when its start has returned. */
  readonly signalsReady: boolean;
  /** Handed to `configure` as JSON. */
  readonly config: unknown;
  readonly limits: InstanceLimits & Deadlines;
}

/** How long guest code may run at a stretch, ms. */
export interface Deadlines {
  readonly callDeadlineMs: number;
  /** Of instantiating, `configure`, `restore` and `start`, each. */
  readonly startDeadlineMs: number;
}

/** What a life tells its owner. */
export interface LifeOwner {
  /** Told once, from within whatever call brought it about. */
  poisoned(life: Life, cause: unknown): void;
  timerDue(life: Life, timer: number): void;
}

/** Why an instance could not be brought to life. */
export interface LaunchFailure {
  readonly step: StartStep;
  readonly error: unknown;
  readonly memoryIsFull: boolean;
}

export class Life {
  readonly #plan: LifePlan;
  readonly #owner: LifeOwner;
  readonly #services: HostServices;
  #instance: Instance | undefined;
  #lent: InstanceServices | undefined;
  readonly #deadline: Deadline;
  /** How far it came. */
  #step: StartStep = { name: 'instantiate', function: undefined };
  over = false;
  isReady: boolean;

  constructor(plan: LifePlan, services: HostServices, owner: LifeOwner) {
    this.#plan = plan;
    this.isReady = !plan.signalsReady;
    this.#deadline = new Deadline(plan.limits.startDeadlineMs);
    this.#services = services;
    this.#owner = owner;
  }

  get exports(): Exports {
    return this.#instance!.exports;
  }

  get memoryBytes(): number {
    return this.over ? 0 : (this.#instance?.memoryBytes() ?? 0);
  }

  /** Could it get no more memory? For one that is over. */
  get memoryIsFull(): boolean {
    return this.#instance?.memoryIsFull() ?? false;
  }

  get timersPending(): number {
    return this.#lent?.timers.pending ?? 0;
  }

  /** Instantiate and configure. Its timers stand still until `start`. */
  prepare(): LaunchFailure | undefined {
    return this.#attempt(() => {
      const { component } = this.#plan;
      const lent = this.#services.forInstance(component.type, {
        timerDue: (timer) => this.#owner.timerDue(this, timer),
        ready: () => {
          this.isReady = true;
        },
      });
      this.#lent = lent;
      this.#instance = component.instantiate(lent.imports, {
        onPoison: (cause) => this.#owner.poisoned(this, cause),
        limits: this.#plan.limits,
        guard: this.#deadline,
      });
      if (this.#plan.isConfigured) {
        this.#step = { name: 'configure', function: `${CONFIGURED}#configure` };
        (this.exports[CONFIGURED] as Configured).configure(JSON.stringify(this.#plan.config ?? {}));
      }
    });
  }

  /** After `prepare`. `state` is the checkpoint that it takes over, if there is one. */
  start(state: Uint8Array | undefined): LaunchFailure | undefined {
    return this.#attempt(() => {
      if (this.#plan.hasCheckpoint && state !== undefined) {
        this.#step = { name: 'restore', function: `${CHECKPOINT}#restore` };
        (this.exports[CHECKPOINT] as Checkpoint).restore(state);
      }
      this.#lent!.timers.begin();
      if (this.#plan.hasLifecycle) {
        this.#step = { name: 'start', function: `${LIFECYCLE}#start` };
        (this.exports[LIFECYCLE] as Lifecycle).start();
      }
      this.#deadline.ms = this.#plan.limits.callDeadlineMs;
    });
  }

  /** Never enter it again. `cause` is what it is poisoned with, if it is not already. */
  end(cause: unknown = new PoisonedError('discarded')): void {
    this.over = true;
    this.#lent?.close();
    this.#instance?.poison(cause);
  }

  /** A call of it threw `error`, so it must not be entered again. Backends poison before they throw. */
  poison(error: unknown): void {
    if (!this.over) this.#instance!.poison(error);
  }

  #attempt(action: () => void): LaunchFailure | undefined {
    try {
      action();
      // Guest code may have caught the fault and gone on.
      if (!this.over) return undefined;
      return this.#failure(this.#instance?.poisonedBy);
    } catch (error) {
      this.end(error);
      return this.#failure(error);
    }
  }

  #failure(error: unknown): LaunchFailure {
    return { step: this.#step, error, memoryIsFull: this.memoryIsFull };
  }
}
