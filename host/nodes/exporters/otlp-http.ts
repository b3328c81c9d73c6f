/**
 * `exporter:otlp_http`: sends batches on to an OTLP/HTTP server. Follows the OTLP specification,
 * "OTLP/HTTP Response" and "Failures": 429, 502, 503, 504 and broken connections are tried again with
 * growing waits, honouring `Retry-After`; any other refusal is permanent; a partial success counts as
 * success, since sending it again would double what was taken.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { type BearerToken, BearerTokenProvider } from '../../capability/contracts.ts';
import { duration } from '../../config/units.ts';
import type { Batch } from '../../pipeline/batch.ts';
import type { Delivery, Nack } from '../../pipeline/delivery.ts';
import { MalformedOtlpError } from '../../pipeline/errors.ts';
import type { Exporter, NodeContext, NodeType } from '../../pipeline/node.ts';
import { otlpToJson } from '../../pipeline/otlp/to-json.ts';
import { backoffDelay, backoffFields } from '../backoff.ts';
import {
  contentTypes,
  decodePartialSuccess,
  decodeStatusMessage,
  signalPaths,
} from '../otlp-http/messages.ts';

const schema = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: 'expected a URL such as https://collector.example.org:4318' })
    .describe('Base URL of the server; /v1/logs, /v1/metrics and /v1/traces are appended.'),
  encoding: z.enum(['protobuf', 'json']).default('protobuf').describe('How batches are written.'),
  compression: z.enum(['gzip', 'none']).default('gzip').describe('How bodies are compressed.'),
  headers: z
    .record(
      z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'expected the name of an HTTP header'),
      z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'expected text that an HTTP header may hold'),
    )
    .default({})
    .describe('Sent with every request.'),
  timeout: duration({ min: 1 }).prefault('10s').describe('How long one attempt may take.'),
  concurrency: z.int().min(1).max(256).default(4).describe('Requests that may be under way at once.'),
  retry: z
    .strictObject({
      ...backoffFields,
      max_elapsed: duration()
        .prefault('1m')
        .describe('How long a batch is tried in all before it is nacked; 0 tries once.'),
    })
    .prefault({})
    .describe('Attempts after a failure that may pass.'),
});

type Config = z.output<typeof schema>;

const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Most bytes of an answer that are looked at. */
const MAX_ANSWER = 64 * 1024;

const compress = promisify(gzip);

type Attempt =
  | { readonly result: 'taken' }
  | { readonly result: 'unauthorized' | 'refused'; readonly reason: string }
  | { readonly result: 'failed'; readonly reason: string; readonly retryAfterMs?: number | undefined };

class OtlpHttpExporter implements Exporter {
  readonly #config: Config;
  readonly #context: NodeContext;
  readonly #tokens: BearerTokenProvider | undefined;
  readonly #ownHeaders: Readonly<Record<string, string>>;
  readonly #agent: Agent;
  readonly #closing = new AbortController();
  readonly #active = new Set<Promise<void>>();

  constructor(config: Config, context: NodeContext) {
    this.#config = config;
    this.#context = context;
    this.#tokens = context.capabilities.optional(BearerTokenProvider);
    this.#ownHeaders = Object.fromEntries(
      Object.entries(config.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    this.#agent = new Agent({ connections: config.concurrency });
  }

  async export(delivery: Delivery): Promise<void> {
    while (this.#active.size >= this.#config.concurrency) await Promise.race(this.#active);
    const sending = this.#deliver(delivery).finally(() => this.#active.delete(sending));
    this.#active.add(sending);
  }

  async flush(): Promise<void> {
    await Promise.all(this.#active);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#active);
    await this.#agent.destroy();
  }

  /** Try until it is settled. Never rejects. */
  async #deliver(delivery: Delivery): Promise<void> {
    try {
      const body = await this.#body(delivery.batch);
      const nack = await this.#try(delivery, body);
      if (nack === undefined) delivery.ack();
      else delivery.nack(nack);
    } catch (error) {
      const permanent = error instanceof MalformedOtlpError;
      const reason = error instanceof Error ? error.message : String(error);
      if (!permanent) this.#context.count('errors');
      delivery.nack({ reason, permanent, cause: 'refused' });
    }
  }

  /** The nack that it ends with, or undefined when the batch was taken. */
  async #try(delivery: Delivery, body: Uint8Array): Promise<Nack | undefined> {
    const { clock } = this.#context;
    const { retry } = this.#config;
    const giveUpAt = clock.now() + retry.max_elapsed;
    let refreshed = false;
    for (let attempt = 1; ; attempt++) {
      let done = await this.#attempt(delivery.batch, body);
      if (done.result === 'unauthorized' && this.#tokens !== undefined && !refreshed) {
        refreshed = true;
        this.#context.count('token_refreshes');
        done = await this.#attempt(delivery.batch, body, true);
      }
      if (done.result === 'taken') return undefined;
      if (done.result !== 'failed') return { reason: done.reason, permanent: true, cause: 'refused' };
      const delay = Math.max(backoffDelay(retry, attempt), done.retryAfterMs ?? 0);
      if (clock.now() + delay > giveUpAt || delivery.settled) {
        return { reason: done.reason, permanent: false, cause: 'refused', retryAfterMs: delay };
      }
      this.#context.count('retries');
      await this.#sleep(delay);
      if (this.#closing.signal.aborted) return { reason: done.reason, permanent: false, cause: 'shutdown' };
    }
  }

  async #attempt(batch: Batch, body: Uint8Array, freshToken = false): Promise<Attempt> {
    const { clock } = this.#context;
    const { encoding, endpoint } = this.#config;
    const url = endpoint.replace(/\/+$/, '') + signalPaths[batch.signal];
    const abort = new AbortController();
    const stop = () => abort.abort();
    const timer = clock.after(this.#config.timeout, stop);
    this.#closing.signal.addEventListener('abort', stop);
    try {
      const response = await request(url, {
        method: 'POST',
        headers: await this.#headers(freshToken),
        body,
        signal: abort.signal,
        dispatcher: this.#agent,
      });
      const answer = await readAtMost(response.body, MAX_ANSWER);
      const { statusCode } = response;
      if (statusCode >= 200 && statusCode < 300) {
        this.#notePartialSuccess(batch, answer);
        return { result: 'taken' };
      }
      const message = decodeStatusMessage(encoding, answer);
      const reason = `${url} answered ${statusCode}${message === '' ? '' : `: ${message}`}`;
      if (statusCode === 401) return { result: 'unauthorized', reason };
      if (!RETRYABLE.has(statusCode)) return { result: 'refused', reason };
      return {
        result: 'failed',
        reason,
        retryAfterMs: retryAfter(response.headers['retry-after'], clock.now()),
      };
    } catch (error) {
      const timedOut = abort.signal.aborted && !this.#closing.signal.aborted;
      const why = timedOut ? `no answer within ${this.#config.timeout} ms` : (error as Error).message;
      return { result: 'failed', reason: `cannot send to ${url}: ${why}` };
    } finally {
      timer.cancel();
      this.#closing.signal.removeEventListener('abort', stop);
    }
  }

  async #body({ signal, bytes }: Batch): Promise<Uint8Array> {
    const { encoding, compression } = this.#config;
    const plain = encoding === 'json' ? Buffer.from(otlpToJson(signal, bytes)) : bytes;
    return compression === 'gzip' ? await compress(plain) : plain;
  }

  async #headers(freshToken: boolean): Promise<Record<string, string>> {
    const { encoding, compression } = this.#config;
    const all: Record<string, string> = {
      'user-agent': 'weir',
      ...this.#ownHeaders,
      'content-type': contentTypes[encoding],
    };
    if (compression === 'gzip') all['content-encoding'] = 'gzip';
    if (this.#tokens !== undefined) {
      const cached: BearerToken | undefined = freshToken ? undefined : this.#tokens.currentToken();
      all.authorization = `Bearer ${(cached ?? (await this.#tokens.getToken())).secret}`;
    }
    return all;
  }

  #notePartialSuccess(batch: Batch, answer: Uint8Array): void {
    const partial = decodePartialSuccess(this.#config.encoding, answer);
    if (partial === undefined) return;
    this.#context.count('rejected_items', partial.rejected);
    const selfTelemetry = batch.selfTelemetry === true ? { selfTelemetry: true } : {};
    this.#context.log.warn(
      { signal: batch.signal, rejected: partial.rejected, message: partial.message, ...selfTelemetry },
      'the server took a batch only in part',
    );
  }

  /** Wait, but not beyond `close`. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel();
        this.#closing.signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = this.#context.clock.after(ms, wake);
      this.#closing.signal.addEventListener('abort', wake);
    });
  }
}

/** `Retry-After` in ms: seconds, or a date. */
function retryAfter(header: string | string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

async function readAtMost(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= limit) break;
  }
  return Buffer.concat(chunks);
}

export const otlpHttpExporter: NodeType<'exporter', Config> = {
  type: 'exporter:otlp_http',
  kind: 'exporter',
  description: 'Sends batches on to an OTLP/HTTP server.',
  schema,
  capabilities: [{ contract: BearerTokenProvider, required: false }],
  create: (config, context) => new OtlpHttpExporter(config, context),
};
