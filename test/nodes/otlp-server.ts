/** A pipeline whose receiver is a real OTLP server on a free port, and ways to talk to it. */
import { request } from 'undici';
import { otlpReceiver } from '../../host/nodes/receivers/otlp.ts';
import type { Signal } from '../../host/pipeline/batch.ts';
import type { Pipeline, PipelineNode } from '../../host/pipeline/pipeline.ts';
import { officialRequest } from '../opentelemetry-proto/definitions.ts';
import { type ChainOptions, capabilities, chain, configured } from '../pipeline/parts.ts';

export interface OtlpServer {
  readonly pipeline: Pipeline;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  stop(): Promise<void>;
}

export interface ServerOptions extends ChainOptions {
  readonly config?: Record<string, unknown>;
  readonly authorizer?: unknown;
}

/** Start a pipeline: the receiver, then the nodes given. */
export async function otlpServer(
  rest: readonly PipelineNode[],
  options: ServerOptions = {},
): Promise<OtlpServer> {
  const bound = options.authorizer === undefined ? {} : { 'bearer-token-authorizer': options.authorizer };
  const receiver = configured(
    'in',
    otlpReceiver,
    { listen: '127.0.0.1:0', ...options.config },
    capabilities(bound),
  );
  const pipeline = chain([receiver, ...rest], options);
  await pipeline.start();
  return {
    pipeline,
    url: `http://${pipeline.status()[0]!.facts.address}`,
    stop: async () => {
      await pipeline.drain(Date.now());
    },
  };
}

/** A valid request of each signal, with `items` items, encoded by the official definitions. */
export function exampleBytes(signal: Signal, items = 1, text = 'x'): Uint8Array {
  const type = officialRequest[signal];
  const list = <T>(item: (i: number) => T) => Array.from({ length: items }, (_, i) => item(i));
  const objects = {
    logs: {
      resourceLogs: [
        { scopeLogs: [{ logRecords: list((i) => ({ body: { stringValue: `${text} ${i}` } })) }] },
      ],
    },
    traces: { resourceSpans: [{ scopeSpans: [{ spans: list((i) => ({ name: `${text} ${i}` })) }] }] },
    metrics: {
      resourceMetrics: [
        {
          scopeMetrics: [
            { metrics: [{ name: text, gauge: { dataPoints: list((i) => ({ asDouble: i })) } }] },
          ],
        },
      ],
    },
  };
  return type.encode(type.fromObject(objects[signal])).finish();
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
  json(): { code?: number; message?: string };
}

/** Send one request. Protobuf unless `headers` say otherwise. */
export async function post(
  url: string,
  body: Uint8Array | string,
  headers: Record<string, string> = {},
  method = 'POST',
): Promise<Answer> {
  const response = await request(url, {
    method: method as 'POST',
    headers: { 'content-type': 'application/x-protobuf', ...headers },
    body: method === 'GET' ? null : body,
  });
  const bytes = Buffer.from(await response.body.arrayBuffer());
  return {
    status: response.statusCode,
    headers: response.headers,
    body: bytes,
    json: () => JSON.parse(bytes.toString()),
  };
}
