/** What the host lends to one component instance: the imports of `interfaces.ts`, made anew for each. */
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Imports } from '../../component/component.ts';
import type { Grants } from '../../sandbox/grants.ts';
import { CLOCK, LOG, RANDOM, TIMERS } from '../interfaces.ts';
import { LogService } from './log.ts';
import { randomService } from './random.ts';
import { TimerService } from './timers.ts';

/** The bounds of the services, as in `LimitsConfig`. */
export interface ServiceLimits {
  readonly timers: number;
  readonly logLinesPerSecond: number;
}

/** The log outlives component instances: a restart must not renew its budget of lines. */
export class HostServices {
  readonly log: LogService;
  readonly #clock: Clock;
  readonly #limits: ServiceLimits;
  readonly #grants: Grants;

  constructor(log: Logger, clock: Clock, limits: ServiceLimits, grants: Grants) {
    this.log = new LogService(log, clock, limits.logLinesPerSecond);
    this.#clock = clock;
    this.#limits = limits;
    this.#grants = grants;
  }

  /** The imports for a new component instance, and its timers, which its owner closes. */
  forInstance(onTimer: (timer: number) => void): { imports: Imports; timers: TimerService } {
    const timers = new TimerService(this.#clock, this.#limits.timers, onTimer);
    const clock = {
      nowMs: () => BigInt(Math.trunc(this.#clock.now())),
      monotonicNs: () => this.#clock.monotonicNs(),
    };
    const imports: Record<string, unknown> = {
      [LOG]: this.log.imports,
      [CLOCK]: clock,
      [TIMERS]: timers.imports,
    };
    if (this.#grants.random) imports[RANDOM] = randomService;
    return { imports, timers };
  }
}
