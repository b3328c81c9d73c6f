/**
 * The wait for an instance that has started and says itself when it is ready (`weir:extension/readiness`).
 * It can say so only while its code runs, which until then its timers alone bring about: an instance that
 * has none pending will never be ready, and fails at once.
 */
import type { Clock, Timer } from '../clock.ts';
import { WeirError } from '../errors.ts';
import { extensionErrors } from './errors.ts';
import type { Life } from './life.ts';

export interface ReadinessEnd {
  ready(): void;
  failed(error: WeirError): void;
}

export class ReadinessWait {
  readonly life: Life;
  readonly #end: ReadinessEnd;
  readonly #timeout: Timer;

  constructor(life: Life, clock: Clock, withinMs: number, end: ReadinessEnd) {
    this.life = life;
    this.#end = end;
    this.#timeout = clock.after(withinMs, () =>
      end.failed(
        readinessError(
          `it did not call \`signal-ready\` within ${withinMs} ms`,
          'raise its `ready_within`, or see in its log what it waits for',
        ),
      ),
    );
  }

  /** Its code has run: it may be ready now. */
  check(): void {
    if (this.life.over) return;
    if (this.life.isReady) {
      this.cancel();
      this.#end.ready();
    } else if (this.life.timersPending === 0) {
      this.cancel();
      this.#end.failed(
        readinessError(
          'it did not call `signal-ready`, and has no timer pending that would let it',
          'call `signal-ready` in `start`, or set a timer there',
        ),
      );
    }
  }

  cancel(): void {
    this.#timeout.cancel();
  }
}

function readinessError(message: string, hint: string): WeirError {
  return new WeirError(extensionErrors.WEIR_EXTENSION_READINESS, message, { hint });
}
