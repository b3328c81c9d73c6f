/**
 * `wasi:io/streams` and `wasi:io/error`. Every stream that a guest gets here is ready at all times (a file,
 * a log, nothing at all), so the blocking forms do what the others do. One operation moves a bounded
 * number of bytes; the interface lets a read or a write be short.
 */
import { ComponentError } from '../../component/errors.ts';
import { misuse, type WasiContext } from './context.ts';
import type { ErrorCode } from './interfaces.ts';
import { Pollable } from './poll.ts';

/** Most bytes that one operation moves. */
export const CHUNK_MAX = 65_536;

/** The resource `wasi:io/error#error`. */
export class IoError {
  readonly #message: string;
  /** What `wasi:filesystem` calls it, where it comes from there. */
  readonly code: ErrorCode | undefined;

  constructor(message: string, code?: ErrorCode) {
    this.#message = message;
    this.code = code;
  }

  toDebugString(): string {
    return this.#message;
  }
}

/** The `err` of every function of streams. */
export type StreamError = { tag: 'last-operation-failed'; val: IoError } | { tag: 'closed' };

export const closed = (): ComponentError<StreamError> => new ComponentError<StreamError>({ tag: 'closed' });

export const failed = (error: IoError): ComponentError<StreamError> =>
  new ComponentError<StreamError>({ tag: 'last-operation-failed', val: error });

/** The resource `input-stream`. Without a source it is at its end. */
export class InputStream {
  readonly #context: WasiContext;

  constructor(context: WasiContext) {
    this.#context = context;
  }

  /** The next bytes, at most `length` (≤ `CHUNK_MAX`). @throws what `closed` and `failed` make */
  protected next(_length: number): Uint8Array {
    throw closed();
  }

  read(length: bigint): Uint8Array {
    return this.next(chunk(length));
  }

  blockingRead(length: bigint): Uint8Array {
    return this.read(length);
  }

  skip(length: bigint): bigint {
    return BigInt(this.read(length).length);
  }

  blockingSkip(length: bigint): bigint {
    return this.skip(length);
  }

  subscribe(): Pollable {
    return new Pollable(this.#context);
  }
}

/** The resource `output-stream`. */
export abstract class OutputStream {
  readonly #context: WasiContext;

  constructor(context: WasiContext) {
    this.#context = context;
  }

  /** Take all of `bytes` (≤ `CHUNK_MAX`). @throws what `closed` and `failed` make */
  protected abstract take(bytes: Uint8Array): void;

  checkWrite(): bigint {
    return BigInt(CHUNK_MAX);
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > CHUNK_MAX)
      misuse(`${bytes.length} bytes were written to a stream that had said to take ${CHUNK_MAX}`);
    this.take(bytes);
  }

  blockingWriteAndFlush(bytes: Uint8Array): void {
    this.write(bytes);
  }

  flush(): void {}

  blockingFlush(): void {}

  subscribe(): Pollable {
    return new Pollable(this.#context);
  }

  writeZeroes(length: bigint): void {
    if (length > CHUNK_MAX)
      misuse(`${length} zeroes were written to a stream that had said to take ${CHUNK_MAX} bytes`);
    this.take(new Uint8Array(Number(length)));
  }

  blockingWriteZeroesAndFlush(length: bigint): void {
    this.writeZeroes(length);
  }

  splice(source: InputStream, length: bigint): bigint {
    const bytes = source.read(length);
    this.take(bytes);
    return BigInt(bytes.length);
  }

  blockingSplice(source: InputStream, length: bigint): bigint {
    return this.splice(source, length);
  }
}

/** A length that a guest asked for, as far as one operation goes. */
export function chunk(length: bigint): number {
  return length > CHUNK_MAX ? CHUNK_MAX : Number(length);
}
