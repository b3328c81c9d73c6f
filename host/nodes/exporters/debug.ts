/** `exporter:debug`: prints batches for a person to read, and acknowledges them. */
import { z } from 'zod';
import type { Batch, Signal } from '../../pipeline/batch.ts';
import type { Delivery } from '../../pipeline/delivery.ts';
import type { Exporter, NodeContext, NodeType } from '../../pipeline/node.ts';
import { countItems } from '../../pipeline/otlp/count.ts';
import { otlpToJson } from '../../pipeline/otlp/to-json.ts';

const schema = z.strictObject({
  verbosity: z
    .enum(['basic', 'normal', 'detailed'])
    .default('normal')
    .describe(
      'basic: a line for each batch. normal: a line for each item too. detailed: everything, as JSON.',
    ),
});

type Config = z.output<typeof schema>;

const itemNames: Readonly<Record<Signal, string>> = {
  logs: 'log record',
  traces: 'span',
  metrics: 'data point',
};

class DebugExporter implements Exporter {
  readonly #config: Config;
  readonly #context: NodeContext;

  constructor(config: Config, context: NodeContext) {
    this.#config = config;
    this.#context = context;
  }

  export(delivery: Delivery): void {
    const { batch } = delivery;
    const lines = [summary(this.#context.id, batch)];
    if (this.#config.verbosity !== 'basic') {
      const request = JSON.parse(otlpToJson(batch.signal, batch.bytes));
      if (this.#config.verbosity === 'detailed') lines.push(JSON.stringify(request, null, 2));
      else lines.push(...itemLines[batch.signal](request).map((line) => `  ${line}`));
    }
    this.#context.print(`${printable(lines.join('\n'))}\n`);
    delivery.ack();
  }
}

function summary(node: string, batch: Batch): string {
  const items = countItems(batch);
  const own = batch.selfTelemetry === true ? ", the engine's own" : '';
  const plural = items === 1 ? '' : 's';
  return `${node}: ${batch.signal}, ${items} ${itemNames[batch.signal]}${plural}, ${batch.bytes.length} bytes${own}`;
}

/** Without what could steer a terminal: the text is a stranger's. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, (character) => {
    return `\\x${character.codePointAt(0)!.toString(16).padStart(2, '0')}`;
  });
}

// biome-ignore lint/suspicious/noExplicitAny: any part of a message may be absent; what is shown is what is there.
type Json = any;

const each = (list: Json): Json[] => list ?? [];

const itemLines: Readonly<Record<Signal, (request: Json) => string[]>> = {
  logs: (request) =>
    scopes(request.resourceLogs, 'scopeLogs').flatMap((scope) =>
      each(scope.logRecords).map((record) =>
        line(
          time(record.timeUnixNano ?? record.observedTimeUnixNano),
          record.severityText,
          value(record.body),
          record.attributes,
        ),
      ),
    ),
  traces: (request) =>
    scopes(request.resourceSpans, 'scopeSpans').flatMap((scope) =>
      each(scope.spans).map((span) =>
        line(time(span.startTimeUnixNano), span.name, milliseconds(span), span.attributes),
      ),
    ),
  metrics: (request) =>
    scopes(request.resourceMetrics, 'scopeMetrics').flatMap((scope) =>
      each(scope.metrics).flatMap(metricLines),
    ),
};

function scopes(resources: Json, name: string): Json[] {
  return each(resources).flatMap((resource) => each(resource[name]));
}

function metricLines(metric: Json): string[] {
  const { dataPoints } =
    metric.gauge ?? metric.sum ?? metric.histogram ?? metric.exponentialHistogram ?? metric.summary ?? {};
  return each(dataPoints).map((point) => {
    const shown = point.asInt ?? point.asDouble ?? `count ${point.count ?? 0}, sum ${point.sum ?? 0}`;
    return line(
      time(point.timeUnixNano),
      metric.name,
      `${shown} ${metric.unit ?? ''}`.trim(),
      point.attributes,
    );
  });
}

function line(...[at, what, text, attributes]: [string, string | undefined, string, Json]): string {
  const pairs = each(attributes).map(({ key, value: given }) => `${key}=${value(given)}`);
  return [at, what ?? '', text, ...pairs].filter((part) => part !== '').join(' ');
}

function time(nanos: string | undefined): string {
  const ms = Number(BigInt(nanos ?? 0) / 1_000_000n);
  return ms === 0 || ms > 8.64e15 ? '' : new Date(ms).toISOString();
}

function milliseconds(span: Json): string {
  const nanos = BigInt(span.endTimeUnixNano ?? 0) - BigInt(span.startTimeUnixNano ?? 0);
  return `${Number(nanos) / 1e6}ms`;
}

/** An AnyValue in one line. */
function value(given: Json): string {
  const [kind, inner] = Object.entries<Json>(given ?? {})[0] ?? [];
  if (kind === 'arrayValue') return `[${each(inner.values).map(value).join(', ')}]`;
  if (kind !== 'kvlistValue') return kind === undefined ? '' : String(inner).replaceAll('\n', '\\n');
  return `{${each(inner.values)
    .map((entry) => `${entry.key}: ${value(entry.value)}`)
    .join(', ')}}`;
}

export const debugExporter: NodeType<'exporter', Config> = {
  type: 'exporter:debug',
  kind: 'exporter',
  description: 'Prints batches for a person to read.',
  schema,
  capabilities: [],
  create: (config, context) => new DebugExporter(config, context),
};
