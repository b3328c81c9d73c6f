/** What the host lends to one component instance: the imports of `interfaces.ts`, made anew for each. */
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Imports } from '../../component/component.ts';
import type { ComponentType } from '../../component/types.ts';
import type { Grants } from '../../sandbox/grants.ts';
import { makeWasi } from '../../sandbox/wasi/wasi.ts';
import { CLOCK, HTTP, LOG, RANDOM, READINESS, TIMERS } from '../interfaces.ts';
import { HttpService } from './http.ts';
import { LogService } from './log.ts';
import { randomService } from './random.ts';
import { TimerService } from './timers.ts';

/** The bounds of the services, as in `LimitsConfig`. */
export interface ServiceLimits {
  readonly timers: number;
  readonly logLinesPerSecond: number;
}

/** What is lent to one component instance. */
export interface InstanceServices {
  readonly imports: Imports;
  readonly timers: TimerService;
  /** Forget timers, close files. */
  close(): void;
}

/** What the services tell the owner of a component instance. */
export interface InstanceSignals {
  timerDue(timer: number): void;
  /** It says that it is ready; perhaps not for the first time. */
  ready(): void;
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

  /** The imports for a new component instance of type `type`. Whoever owns it closes them when it is discarded. */
  forInstance(type: ComponentType, on: InstanceSignals): InstanceServices {
    const timers = new TimerService(this.#clock, this.#limits.timers, on.timerDue);
    const clock = {
      nowMs: () => BigInt(Math.trunc(this.#clock.now())),
      monotonicNs: () => this.#clock.monotonicNs(),
    };
    const wasi = makeWasi(type, {
      clock: this.#clock,
      grants: this.#grants,
      writeLine: (stream, line) =>
        this.log.imports.write(stream === 'stdout' ? 'info' : 'warn', line, [['stream', stream]]),
    });
    const imports: Record<string, unknown> = {
      ...wasi.imports,
      [LOG]: this.log.imports,
      [CLOCK]: clock,
      [READINESS]: { signalReady: on.ready },
      [TIMERS]: timers.imports,
    };
    if (this.#grants.random) imports[RANDOM] = randomService;
    const http = new HttpService(this.#grants.http);
    if (this.#grants.http.length > 0) imports[HTTP] = http.imports;
    const close = () => {
      http.close();
      timers.close();
      wasi.close();
    };
    return { imports, timers, close };
  }
}
