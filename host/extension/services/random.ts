/** `weir:extension/random`: unpredictable bytes, where `random` is granted. A few at a time. */
import { randomBytes } from 'node:crypto';
import { WeirError } from '../../errors.ts';
import { extensionErrors } from '../errors.ts';

/** Most bytes of one call. Keys and seeds take a few dozen. */
const BYTES_MAX = 65_536;

export const randomService = {
  bytes(length: number): Uint8Array {
    if (length > BYTES_MAX) {
      throw new WeirError(
        extensionErrors.WEIR_EXTENSION_RANDOM,
        `the extension asked for ${length} random bytes; a call gives at most ${BYTES_MAX}`,
      );
    }
    return new Uint8Array(randomBytes(length));
  },
  nextU64: (): bigint => randomBytes(8).readBigUInt64LE(),
};
