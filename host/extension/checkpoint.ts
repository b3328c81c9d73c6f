/**
 * The checkpoint of an extension: bytes that a sound instance saved, for its successor to restore. Only
 * the last one is kept, in memory, and only up to a size.
 */
import type { Logger } from 'pino';
import type { CheckpointConfig } from '../config/model.ts';

export class CheckpointKeeper {
  readonly #config: CheckpointConfig;
  readonly #log: Logger;
  #state: Uint8Array | undefined;
  #at: number | undefined;
  #saidTooLong = false;

  /** `state` is that of the instance whose place this one takes. */
  constructor(config: CheckpointConfig, log: Logger, state: Uint8Array | undefined) {
    this.#config = config;
    this.#log = log;
    this.#state = state;
  }

  get state(): Uint8Array | undefined {
    return this.#state;
  }

  /** When the last one was kept, milliseconds since the Unix epoch. */
  get at(): number | undefined {
    return this.#at;
  }

  keep(state: Uint8Array, now: number): void {
    const { maxBytes } = this.#config;
    if (state.byteLength <= maxBytes) {
      this.#state = state;
      this.#at = now;
      this.#saidTooLong = false;
    } else if (!this.#saidTooLong) {
      this.#saidTooLong = true;
      this.#log.warn(
        { bytes: state.byteLength, maxBytes },
        'a checkpoint is larger than `checkpoint.max_size` and is not kept; the one before it is',
      );
    }
  }

  /** `why` is for the log. */
  drop(why: string): void {
    if (this.#state === undefined) return;
    this.#state = undefined;
    this.#at = undefined;
    this.#log.warn(`the checkpoint is dropped: ${why}`);
  }
}
