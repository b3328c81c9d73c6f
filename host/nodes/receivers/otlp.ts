/**
 * `receiver:otlp`: OTLP over HTTP/1.1. A client gets 200 only once its batch was acknowledged.
 *
 * | answer | when |
 * |---|---|
 * | 200 | acknowledged downstream |
 * | 400 | malformed, or nacked as permanent |
 * | 401, 403 | the authorizer refuses |
 * | 404, 405, 413, 415 | wrong path, method, size, type |
 * | 429 | no room downstream: the channel, the bytes in flight, a rate limit |
 * | 503 | nacked, may succeed later; or the authorizer is down; or the pipeline is stopping |
 *
 * 429 and 503 carry `Retry-After`. Error bodies are a google.rpc.Status in the request's encoding.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { z } from 'zod';
import { BearerTokenAuthorizer } from '../../capability/contracts.ts';
import { byteSize, duration } from '../../config/units.ts';
import type { Signal } from '../../pipeline/batch.ts';
import type { Nack, Outcome } from '../../pipeline/delivery.ts';
import type { NodeContext, NodeType, Output, Receiver } from '../../pipeline/node.ts';
import { listenAddress, listening } from '../listen-address.ts';
import {
  contentTypes,
  type Encoding,
  encodeFullSuccess,
  encodeStatus,
  grpcCodes,
  signalPaths,
} from '../otlp-http/messages.ts';
import {
  ByteBudget,
  ClientGone,
  encodingOf,
  RefusedRequest,
  readBatch,
  Share,
} from '../otlp-http/request.ts';

/** A request of the engine's own carries this header with the engine's secret. */
export const SELF_TELEMETRY_HEADER = 'weir-self-telemetry';

const fields = z.strictObject({
  listen: listenAddress()
    .prefault('127.0.0.1:4318')
    .describe(
      'Address and port to listen on, e.g. 127.0.0.1:4318 or [::1]:4318. Port 0 takes any free port.',
    ),
  max_request_bytes: byteSize({ min: 1 })
    .prefault('8 MiB')
    .describe('Largest body of a request, also after decompression.'),
  max_in_flight_bytes: byteSize({ min: 1 })
    .prefault('64 MiB')
    .describe('Most bytes of requests that may be read or unanswered at once; beyond that clients get 429.'),
  retry_after: duration({ min: 1 })
    .prefault('1s')
    .describe(
      'How long clients are told to wait with 429 and 503, unless the node that refused knows better.',
    ),
  request_timeout: duration({ min: 1 })
    .prefault('30s')
    .describe('How long a client may take to send its request.'),
});

const schema = fields.refine((config) => config.max_in_flight_bytes >= config.max_request_bytes, {
  path: ['max_in_flight_bytes'],
  error: 'expected at least max_request_bytes: a request of that size could never be taken',
});

type Config = z.output<typeof schema>;

const grpcByStatus: Readonly<Record<number, number>> = {
  400: grpcCodes.invalidArgument,
  401: grpcCodes.unauthenticated,
  403: grpcCodes.permissionDenied,
  404: grpcCodes.notFound,
  405: grpcCodes.unimplemented,
  413: grpcCodes.invalidArgument,
  415: grpcCodes.invalidArgument,
  429: grpcCodes.resourceExhausted,
  503: grpcCodes.unavailable,
};

/** How long `close` waits for answers to be written out, ms. */
const ANSWER_MS = 500;

class OtlpReceiver implements Receiver {
  readonly #config: Config;
  readonly #context: NodeContext;
  readonly #authorizer: BearerTokenAuthorizer | undefined;
  readonly #budget: ByteBudget;
  readonly #selfTelemetry: Buffer | undefined;
  #server: FastifyInstance | undefined;
  #output: Output | undefined;
  #draining = false;
  /** Requests that were sent on and whose answer is not written out. */
  #inFlight = 0;
  #whenIdle: (() => void)[] = [];

  constructor(config: Config, context: NodeContext) {
    this.#config = config;
    this.#context = context;
    this.#authorizer = context.capabilities.optional(BearerTokenAuthorizer);
    this.#budget = new ByteBudget(config.max_in_flight_bytes);
    const token = context.selfTelemetryToken;
    this.#selfTelemetry = token === undefined ? undefined : Buffer.from(token);
  }

  async start(output: Output): Promise<void> {
    this.#output = output;
    const server = fastify({
      logger: false,
      requestTimeout: this.#config.request_timeout,
      forceCloseConnections: 'idle',
      // This node answers for itself while it drains, in OTLP's form.
      return503OnClosing: false,
    });
    this.#server = server;
    // Bodies are read in the handler, after the headers are found good.
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const signal of ['logs', 'metrics', 'traces'] as const) {
      server.post(signalPaths[signal], (request, reply) => this.#handle(signal, request, reply));
    }
    server.setNotFoundHandler((request, reply) => this.#notFound(request, reply));
    server.setErrorHandler((error, request, reply) => this.#failed(error, request, reply));
    const port = await listening(server, this.#config.listen, this.#context);
    const address = `${bracketed(this.#config.listen.host)}:${port}`;
    this.#context.show('address', address);
    this.#context.log.info({ address }, 'receiving OTLP over HTTP');
  }

  async drain(deadline: number): Promise<void> {
    this.#draining = true;
    // Stops listening at once; resolves when the last connection is gone, which `close` sees to.
    this.#server?.close().catch(() => {});
    await this.#idle(deadline - this.#context.clock.now());
  }

  async close(): Promise<void> {
    if (this.#server === undefined) return;
    this.#draining = true;
    await this.#idle(ANSWER_MS);
    this.#server.server.closeAllConnections();
    await this.#server.close();
  }

  /** Resolves when nothing is in flight or `ms` have passed. */
  #idle(ms: number): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#context.clock.after(Math.max(0, ms), resolve);
      this.#whenIdle.push(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  async #handle(signal: Signal, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const encoding = encodingOf(request.headers['content-type']);
    if (encoding === undefined) {
      const message = 'send application/x-protobuf or application/json';
      return this.#refuse(reply, 'json', 415, message);
    }
    if (this.#draining) return this.#refuse(reply, encoding, 503, 'the pipeline is stopping');
    const unauthorized = this.#authorize(request, reply, encoding);
    if (unauthorized !== undefined) return unauthorized;
    const share = new Share(this.#budget);
    try {
      const bytes = await readBatch(request.raw, signal, encoding, this.#config.max_request_bytes, share);
      if (bytes.length === 0) return this.#answer(reply, encoding, 200, encodeFullSuccess(encoding));
      const selfTelemetry = this.#isSelfTelemetry(request.raw);
      const batch = { signal, bytes, ...(selfTelemetry ? { selfTelemetry } : {}) };
      const outcome = await this.#send(batch, reply.raw);
      if (outcome === undefined) return this.#refuse(reply, encoding, 429, 'no room; try again later');
      if (outcome.acked) return this.#answer(reply, encoding, 200, encodeFullSuccess(encoding));
      return this.#nacked(reply, encoding, outcome.nack);
    } catch (error) {
      if (error instanceof RefusedRequest) return this.#refuse(reply, encoding, error.status, error.message);
      if (!(error instanceof ClientGone)) throw error;
      this.#context.count('clients_gone');
      return reply.hijack();
    } finally {
      share.giveBack();
    }
  }

  /** Sends a batch on; undefined when there is no room. */
  #send(batch: Parameters<Output['trySend']>[0], response: ServerResponse): Promise<Outcome | undefined> {
    if (this.#draining) {
      const nack: Nack = { reason: 'the pipeline is stopping', permanent: false, cause: 'shutdown' };
      return Promise.resolve({ acked: false, nack });
    }
    return new Promise((resolve) => {
      if (!this.#output!.trySend(batch, resolve)) return resolve(undefined);
      this.#inFlight += 1;
      response.once('close', () => {
        this.#inFlight -= 1;
        if (this.#inFlight === 0) for (const idle of this.#whenIdle.splice(0)) idle();
      });
    });
  }

  /** Undefined when the bearer may send; the refusal otherwise. Fails closed. */
  #authorize(request: FastifyRequest, reply: FastifyReply, encoding: Encoding): FastifyReply | undefined {
    if (this.#authorizer === undefined) return undefined;
    const token = /^bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1]?.trim();
    if (token === undefined) {
      this.#context.count('unauthenticated');
      reply.header('www-authenticate', 'Bearer');
      return this.#refuse(reply, encoding, 401, 'a bearer token is required');
    }
    let decision: ReturnType<BearerTokenAuthorizer['authorize']>;
    try {
      decision = this.#authorizer.authorize(token);
    } catch (error) {
      this.#context.count('authorizer_errors');
      this.#context.log.debug({ err: error }, 'the authorizer gave no answer; the request is refused');
      return this.#refuse(reply, encoding, 503, 'authorization is not available; try again later');
    }
    if (decision.tag === 'allow') return undefined;
    const { reason, detail } = decision.val;
    this.#context.log.debug({ reason, detail }, 'the authorizer refuses a request');
    if (reason === 'not-permitted') {
      this.#context.count('forbidden');
      reply.header('www-authenticate', 'Bearer error="insufficient_scope"');
      return this.#refuse(reply, encoding, 403, 'the bearer of this token may not send here');
    }
    this.#context.count('unauthenticated');
    reply.header('www-authenticate', 'Bearer error="invalid_token"');
    return this.#refuse(reply, encoding, 401, 'the bearer token is not valid');
  }

  #isSelfTelemetry(request: IncomingMessage): boolean {
    const given = request.headers[SELF_TELEMETRY_HEADER];
    if (this.#selfTelemetry === undefined || typeof given !== 'string') return false;
    const bytes = Buffer.from(given);
    return bytes.length === this.#selfTelemetry.length && timingSafeEqual(bytes, this.#selfTelemetry);
  }

  #nacked(reply: FastifyReply, encoding: Encoding, nack: Nack): FastifyReply {
    if (nack.permanent) return this.#refuse(reply, encoding, 400, nack.reason);
    const status = nack.cause === 'channel-full' ? 429 : 503;
    return this.#refuse(reply, encoding, status, nack.reason, nack.retryAfterMs);
  }

  #notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const encoding = encodingOf(request.headers['content-type']) ?? 'json';
    const paths = Object.values(signalPaths);
    if (!paths.includes(request.url.split('?', 1)[0]!)) {
      return this.#refuse(reply, encoding, 404, `there is nothing here; paths are ${paths.join(', ')}`);
    }
    reply.header('allow', 'POST');
    return this.#refuse(reply, encoding, 405, `${request.method} is not allowed; use POST`);
  }

  #failed(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const encoding = encodingOf(request.headers['content-type']) ?? 'json';
    const { statusCode = 500 } = error as { statusCode?: number };
    if (statusCode < 500) return this.#refuse(reply, encoding, statusCode, (error as Error).message);
    this.#context.count('errors');
    this.#context.log.error({ err: error }, 'a request could not be handled');
    return this.#refuse(reply, encoding, 503, 'the request could not be handled; try again later');
  }

  #refuse(reply: FastifyReply, encoding: Encoding, status: number, message: string, retryAfterMs?: number) {
    this.#context.count(`refused_${status}`);
    if (status === 429 || status === 503) {
      reply.header('retry-after', Math.ceil((retryAfterMs ?? this.#config.retry_after) / 1000));
    }
    const code = grpcByStatus[status] ?? grpcCodes.invalidArgument;
    return this.#answer(reply, encoding, status, encodeStatus(encoding, code, message));
  }

  #answer(reply: FastifyReply, encoding: Encoding, status: number, body: Buffer): FastifyReply {
    // Or a client that keeps its connection would keep the drain waiting.
    if (this.#draining) reply.header('connection', 'close');
    return reply.code(status).type(contentTypes[encoding]).send(body);
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

export const otlpReceiver: NodeType<'receiver', Config> = {
  type: 'receiver:otlp',
  kind: 'receiver',
  description:
    'Receives OTLP over HTTP (protobuf and JSON, gzip) and answers 200 once a batch is acknowledged.',
  schema,
  capabilities: [{ contract: BearerTokenAuthorizer, required: false }],
  create: (config, context) => new OtlpReceiver(config, context),
};
