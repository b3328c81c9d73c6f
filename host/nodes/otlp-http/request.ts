/**
 * A request as it comes in: its headers judged, its body read under limits and turned into protobuf
 * bytes that were checked. Knows nothing of nodes; `receivers/otlp.ts` answers with what comes out.
 */
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Signal } from '../../pipeline/batch.ts';
import { MalformedOtlpError } from '../../pipeline/errors.ts';
import { checkOtlp } from '../../pipeline/otlp/check.ts';
import { otlpFromJson } from '../../pipeline/otlp/from-json.ts';
import type { Encoding } from './messages.ts';

/** Why a request is not taken, with the HTTP status that says so. */
export class RefusedRequest {
  readonly status: 400 | 413 | 415 | 429;
  readonly message: string;

  constructor(status: RefusedRequest['status'], message: string) {
    this.status = status;
    this.message = message;
  }
}

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientGone {}

/** Bytes that may be held at once, over all requests. */
export class ByteBudget {
  readonly limit: number;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get free(): number {
    return this.limit - this.#used;
  }

  /** Take so many bytes; false, and nothing is taken, when they are not free. */
  take(bytes: number): boolean {
    if (bytes > this.free) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}

/** What one request has taken from the budget. */
export class Share {
  readonly #budget: ByteBudget;
  #taken = 0;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  get free(): number {
    return this.#budget.free;
  }

  /** @throws RefusedRequest 429 */
  take(bytes: number): void {
    if (!this.#budget.take(bytes)) {
      throw new RefusedRequest(429, `more than ${this.#budget.limit} bytes are in flight; try again later`);
    }
    this.#taken += bytes;
  }

  /** Give everything back except `keep` bytes. */
  giveBack(keep = 0): void {
    this.#budget.give(this.#taken - keep);
    this.#taken = keep;
  }
}

/** The body's encoding, by `Content-Type`; undefined when it is neither of OTLP's. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === 'application/x-protobuf') return 'protobuf';
  return mediaType === 'application/json' ? 'json' : undefined;
}

/**
 * Read the body and make a checked batch of it.
 * @param maxBytes most bytes of the body, also after decompression
 * @throws RefusedRequest, ClientGone
 */
export async function readBatch(
  request: IncomingMessage,
  signal: Signal,
  encoding: Encoding,
  maxBytes: number,
  share: Share,
): Promise<Uint8Array> {
  const compression = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (compression !== 'gzip' && compression !== 'identity') {
    throw new RefusedRequest(415, `content-encoding ${compression} is not supported; send gzip or none`);
  }
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  // What cannot fit is refused now, rather than when it has taken the room of those that could.
  if (announced > share.free) share.take(announced);
  const body = await readBody(request, maxBytes, share);
  const plain = compression === 'gzip' ? inflate(body, maxBytes, share) : body;
  const bytes = decode(signal, encoding, plain);
  share.giveBack(0);
  share.take(bytes.length);
  return bytes;
}

function decode(signal: Signal, encoding: Encoding, body: Uint8Array): Uint8Array {
  try {
    if (encoding === 'json') return otlpFromJson(signal, body);
    checkOtlp(signal, body);
    return body;
  } catch (error) {
    if (error instanceof MalformedOtlpError) throw new RefusedRequest(400, error.message);
    throw error;
  }
}

function readBody(request: IncomingMessage, maxBytes: number, share: Share): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const refuse = (error: unknown) => {
      // What still comes is read and dropped: closing at once would cost the client our answer.
      request.off('data', onData).resume();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) return refuse(tooLarge(maxBytes));
      try {
        share.take(chunk.length);
      } catch (error) {
        return refuse(error);
      }
      chunks.push(chunk);
    };
    request.on('data', onData);
    request.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.once('error', () => reject(new ClientGone()));
    request.once('close', () => reject(new ClientGone()));
  });
}

/**
 * In one step rather than as a stream: what a bomb can cost is then `maxBytes` once, not once for
 * every connection that has one in progress.
 */
function inflate(body: Buffer, maxBytes: number, share: Share): Buffer {
  const most = Math.min(maxBytes, share.free);
  if (most <= 0) share.take(1);
  try {
    const plain = gunzipSync(body, { maxOutputLength: most });
    share.take(plain.length);
    return plain;
  } catch (error) {
    if (error instanceof RefusedRequest) throw error;
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') {
      throw new RefusedRequest(400, `the body is not gzip: ${(error as Error).message}`);
    }
    if (most < maxBytes) share.take(maxBytes);
    throw tooLarge(maxBytes);
  }
}

function tooLarge(maxBytes: number): RefusedRequest {
  return new RefusedRequest(413, `the body has more than ${maxBytes} bytes; send smaller batches`);
}
