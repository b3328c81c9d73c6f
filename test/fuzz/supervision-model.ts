/**
 * What must become of a supervised extension, by what the documentation says alone: a second, naive
 * account of its states, counters and restarts, for the `guests` target to hold against the real one.
 */
import type { SupervisionConfig } from '../../host/config/model.ts';
import type { FaultKind } from '../../host/extension/fault.ts';
import type { InstanceState } from '../../host/extension/status.ts';

export class SupervisionModel {
  readonly #config: SupervisionConfig;
  /** Whether an instance that is started at a time refuses to. */
  readonly #refuses: (now: number) => boolean;
  state: InstanceState = 'ready';
  calls = 0;
  unavailable = 0;
  restarts = 0;
  faults = 0;
  readonly faultsByKind: Partial<Record<FaultKind, number>> = {};
  /** Calls of the instance that serves. */
  callsOfInstance = 0;
  #now: number;
  #window: number[] = [];
  #onTrial = false;
  #replaceAt: number | undefined;
  #probeAt: number | undefined;
  #calmAt: number | undefined;

  constructor(config: SupervisionConfig, now: number, refuses: (now: number) => boolean) {
    this.#config = config;
    this.#now = now;
    this.#refuses = refuses;
  }

  get restartAt(): number | undefined {
    return this.#replaceAt ?? this.#probeAt;
  }

  /** A call comes in. @returns whether it reaches the guest */
  call(): boolean {
    this.calls++;
    if (this.state !== 'ready' && this.state !== 'degraded') {
      this.unavailable++;
      return false;
    }
    this.callsOfInstance++;
    return true;
  }

  /** The guest answered it. */
  answered(): void {
    if (!this.#onTrial) return;
    this.#window = [];
    this.#recover();
  }

  /** The guest faulted. */
  faulted(kind: FaultKind, atOnce = true): void {
    this.faults++;
    this.faultsByKind[kind] = (this.faultsByKind[kind] ?? 0) + 1;
    this.#calmAt = undefined;
    const { max, windowMs, backoff } = this.#config.restart;
    if (!this.#onTrial) {
      this.#window = [...this.#window.filter((at) => this.#now - at < windowMs), this.#now];
    }
    const count = this.#window.length;
    if (this.#onTrial || count > max) {
      this.#onTrial = false;
      this.state = 'quarantined';
      this.#probeAt = this.#now + this.#config.quarantine.cooldownMs;
    } else if (count === 1 && atOnce) this.#replace();
    else {
      this.state = 'restarting';
      const wait = Math.min(backoff.maxMs, backoff.initialMs * 2 ** Math.max(0, count - 2));
      this.#replaceAt = this.#now + wait;
    }
  }

  /** Time goes on, to `now`. */
  advance(now: number): void {
    for (;;) {
      const due = [this.#replaceAt, this.#probeAt, this.#calmAt].filter(
        (at) => at !== undefined && at <= now,
      );
      if (due.length === 0) break;
      this.#now = Math.min(...(due as number[]));
      if (this.#now === this.#replaceAt) this.#replace();
      else if (this.#now === this.#probeAt) this.#probe();
      else this.#recover();
    }
    this.#now = now;
  }

  #replace(): void {
    this.#replaceAt = undefined;
    if (this.#refuses(this.#now)) this.faulted('start-failure', false);
    else {
      this.restarts++;
      this.#serve();
    }
  }

  #probe(): void {
    this.#probeAt = undefined;
    this.#onTrial = true;
    if (this.#refuses(this.#now)) this.faulted('start-failure');
    else this.#serve();
  }

  #serve(): void {
    this.state = 'degraded';
    this.callsOfInstance = 0;
    this.#calmAt = this.#now + this.#config.restart.windowMs;
  }

  #recover(): void {
    this.#calmAt = undefined;
    if (this.#onTrial) this.#window = [];
    this.#onTrial = false;
    this.state = 'ready';
  }
}
