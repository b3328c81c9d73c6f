/** The faults of one component instance and its replacements: counted, the last few kept, told of in the log. */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { describeFault, FAULT_KINDS, type Fault, type FaultKind } from './fault.ts';
import { FaultLog } from './fault-log.ts';

/** Most faults that are remembered one by one. */
const LAST_FAULTS = 8;

/** Whose faults they are. */
export interface FaultOrigin {
  readonly extension: string;
  readonly pipeline: string | undefined;
}

export class FaultRecord {
  readonly log: FaultLog;
  readonly byKind = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  /** Oldest first. */
  readonly last: Fault[] = [];
  count = 0;
  readonly #origin: FaultOrigin;
  readonly #clock: Clock;

  constructor(origin: FaultOrigin, clock: Clock, log: Logger) {
    this.#origin = origin;
    this.#clock = clock;
    this.log = new FaultLog(log, clock);
  }

  /** `memoryIsFull` is what the instance says that it happened in. */
  add(error: unknown, memoryIsFull: boolean): Fault {
    const fault = describeFault(error, this.#clock.now(), memoryIsFull);
    fault.extension = this.#origin.extension;
    fault.pipeline = this.#origin.pipeline;
    this.count++;
    this.byKind[fault.kind]++;
    this.last.push(fault);
    if (this.last.length > LAST_FAULTS) this.last.shift();
    return fault;
  }
}
