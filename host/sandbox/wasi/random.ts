/**
 * `wasi:random`. The secure half needs the grant `random`; having no way to say no, it faults without.
 * The insecure half, which standard libraries seed their hash tables from, needs none: it tells nothing
 * about the host and nothing about the secure half, for its bytes come from the system as well.
 */
import { randomBytes } from 'node:crypto';
import { WeirError } from '../../errors.ts';
import { sandboxErrors } from '../errors.ts';
import { grantText } from '../grants.ts';
import { misuse, type WasiContext } from './context.ts';

/** Most bytes of one call, which has to give all that were asked for. */
const BYTES_MAX = 2 ** 20;

function bytes(length: bigint): Uint8Array {
  if (length > BYTES_MAX) misuse(`${length} random bytes were asked for; a call gives at most ${BYTES_MAX}`);
  return new Uint8Array(randomBytes(Number(length)));
}

const u64 = (): bigint => randomBytes(8).readBigUInt64LE();

export function secureRandom({ grants }: WasiContext) {
  const granted = <F extends (...args: never[]) => unknown>(run: F): F =>
    grants.random ? run : (refuse as unknown as F);
  return { getRandomBytes: granted(bytes), getRandomU64: granted(u64) };
}

function refuse(): never {
  throw new WeirError(
    sandboxErrors.WEIR_SANDBOX_NOT_GRANTED,
    `wasi:random/random was called, which is not granted; add \`${grantText('random')}\` to the extension`,
  );
}

export const insecureRandom = { getInsecureRandomBytes: bytes, getInsecureRandomU64: u64 };

export const insecureSeed = { insecureSeed: () => [u64(), u64()] as const };
