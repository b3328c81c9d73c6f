/**
 * `weir:extension/log`: a guest's lines in the host's log, bounded and made harmless.
 *
 * - At most so many lines a second; what was left out is counted, and said with the next line that
 *   is written.
 * - Control characters are escaped: a guest can neither forge a line nor steer a terminal.
 * - Long messages, long values and many fields are cut: a line costs the host a bounded amount.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { guestText } from '../guest-text.ts';

/** Most fields of one line. */
const FIELDS_MAX = 64;

const WINDOW_MS = 1000;

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export class LogService {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #linesPerSecond: number;
  #windowStart = Number.NEGATIVE_INFINITY;
  #linesInWindow = 0;
  #leftOutInWindow = 0;
  /** Lines left out since the beginning. */
  leftOut = 0;

  constructor(log: Logger, clock: Clock, linesPerSecond: number) {
    this.#log = log;
    this.#clock = clock;
    this.#linesPerSecond = linesPerSecond;
  }

  readonly imports = {
    write: (level: Level, message: string, fields: readonly (readonly [string, string])[]): void => {
      if (!this.#admit()) return;
      const shown = fields.slice(0, FIELDS_MAX).map(([key, value]) => [guestText(key), guestText(value)]);
      // Under a key of their own, so that a field cannot pass for one of the host's.
      const attributes = shown.length === 0 ? {} : { fields: Object.fromEntries(shown) };
      this.#log[level](attributes, guestText(message));
    },
  };

  #admit(): boolean {
    const now = this.#clock.now();
    if (now - this.#windowStart >= WINDOW_MS || now < this.#windowStart) {
      const leftOut = this.#leftOutInWindow;
      this.#windowStart = now;
      this.#linesInWindow = 0;
      this.#leftOutInWindow = 0;
      if (leftOut > 0) this.#log.warn({ leftOut }, 'log lines of this extension were left out');
    }
    if (this.#linesInWindow < this.#linesPerSecond) {
      this.#linesInWindow++;
      return true;
    }
    this.#leftOutInWindow++;
    this.leftOut++;
    return false;
  }
}
