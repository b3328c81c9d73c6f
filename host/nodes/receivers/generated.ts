/**
 * What the generator sends: telemetry of a small shop, with the things in it that should not leave the
 * house (e-mail addresses, card numbers, tokens), all invented. The same seed makes the same.
 */
import type { Signal } from '../../pipeline/batch.ts';
import { otlpFromJson } from '../../pipeline/otlp/from-json.ts';

export interface ContentOptions {
  readonly signal: Signal;
  readonly items: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly seed: number;
}

const names = ['ada', 'grace', 'linus', 'margaret', 'dennis', 'barbara', 'ken', 'frances'];
const domains = ['example.com', 'example.org', 'mail.example.net'];
const paths = ['/api/orders', '/api/cart', '/api/checkout', '/api/profile', '/healthz'];
/** Test numbers of card schemes; they pass the Luhn check. */
const cards = ['4111 1111 1111 1111', '5555-5555-5555-4444', '378282246310005', '6011111111111117'];
const severities = [
  { severityNumber: 5, severityText: 'DEBUG' },
  { severityNumber: 9, severityText: 'INFO' },
  { severityNumber: 9, severityText: 'INFO' },
  { severityNumber: 13, severityText: 'WARN' },
  { severityNumber: 17, severityText: 'ERROR' },
];

type Attribute = { key: string; value: { stringValue: string } | { intValue: number } };

export class Content {
  readonly #options: ContentOptions;
  readonly #now: () => number;
  readonly #attributes: Attribute[];
  #state: number;
  #index = 0;

  constructor(options: ContentOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
    this.#state = options.seed >>> 0;
    this.#attributes = Object.entries(options.attributes).map(([key, value]) => text(key, value));
  }

  /** The next request, as OTLP protobuf. */
  next(): Uint8Array {
    const resource = { attributes: [text('service.name', 'shop'), text('service.version', '1.4.2')] };
    const scope = { name: 'weir.generator' };
    const items = Array.from({ length: this.#options.items }, () => this.#item());
    const request = {
      logs: { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: items }] }] },
      traces: { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: items }] }] },
      metrics: {
        resourceMetrics: [
          {
            resource,
            scopeMetrics: [
              { scope, metrics: [{ name: 'orders.total', unit: '{order}', gauge: { dataPoints: items } }] },
            ],
          },
        ],
      },
    }[this.#options.signal];
    return otlpFromJson(this.#options.signal, JSON.stringify(request));
  }

  #item(): object {
    const now = Math.floor(this.#now());
    const nanos = `${now}000000`;
    const attributes = [
      { key: 'generator.index', value: { intValue: this.#index++ } },
      text('http.route', this.#one(paths)),
      ...this.#attributes,
    ];
    switch (this.#options.signal) {
      case 'logs':
        return {
          timeUnixNano: nanos,
          ...this.#one(severities),
          body: { stringValue: this.#sentence() },
          attributes,
        };
      case 'traces':
        return {
          traceId: this.#hex(16),
          spanId: this.#hex(8),
          name: `GET ${this.#one(paths)}`,
          kind: 2,
          startTimeUnixNano: nanos,
          endTimeUnixNano: `${now + this.#below(500)}000000`,
          attributes: [...attributes, text('user.email', this.#email())],
        };
      default:
        return { timeUnixNano: nanos, asInt: this.#below(1_000), attributes };
    }
  }

  #sentence(): string {
    switch (this.#below(6)) {
      case 0:
        return `user ${this.#email()} signed in from 192.0.2.${this.#below(256)}`;
      case 1:
        return `payment with card ${this.#one(cards)} accepted, order ${this.#below(1e6)}`;
      case 2:
        return `upstream call with Authorization: Bearer ${this.#hex(12)} took ${this.#below(900)} ms`;
      case 3:
        return `confirmation sent to ${this.#email()}`;
      default:
        return `GET ${this.#one(paths)}/${this.#below(10_000)} 200 in ${this.#below(300)} ms`;
    }
  }

  #email(): string {
    return `${this.#one(names)}.${this.#below(100)}@${this.#one(domains)}`;
  }

  #hex(bytes: number): string {
    return Array.from({ length: bytes }, () => this.#below(256).toString(16).padStart(2, '0')).join('');
  }

  #one<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]!;
  }

  /** A whole number from 0 to below `limit`; mulberry32. */
  #below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
}

function text(key: string, value: string): Attribute {
  return { key, value: { stringValue: value } };
}
