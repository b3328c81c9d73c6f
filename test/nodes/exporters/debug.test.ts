import { describe, expect, it } from 'vitest';
import { debugExporter } from '../../../host/nodes/exporters/debug.ts';
import { noopExporter } from '../../../host/nodes/exporters/noop.ts';
import { nodeTypes } from '../../../host/nodes/index.ts';
import type { Signal } from '../../../host/pipeline/batch.ts';
import { ACKED } from '../../../host/pipeline/delivery.ts';
import { otlpFromJson } from '../../../host/pipeline/otlp/from-json.ts';
import { chain, configured, Feed, node, settle } from '../../pipeline/parts.ts';

async function printed(signal: Signal, request: object, verbosity: string): Promise<string> {
  let text = '';
  const feed = new Feed();
  const pipeline = chain([node('in', 'receiver', feed), configured('out', debugExporter, { verbosity })], {
    print: (more) => {
      text += more;
    },
  });
  await pipeline.start();
  await feed.send({ signal, bytes: otlpFromJson(signal, JSON.stringify(request)) });
  await settle();
  expect(feed.outcomes).toEqual([ACKED]);
  return text;
}

const record = (record: object) => ({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });

describe('the debug exporter prints', () => {
  it('a line for a batch', async () => {
    expect(await printed('logs', record({ body: { stringValue: 'hello' } }), 'basic')).toMatch(
      /^out: logs, 1 log record, \d+ bytes\n$/,
    );
  });

  it('a line for a log record, with its attributes', async () => {
    const text = await printed(
      'logs',
      record({
        timeUnixNano: '1767225600000000000',
        severityText: 'WARN',
        body: { stringValue: 'two\nlines' },
        attributes: [
          { key: 'n', value: { intValue: 3 } },
          {
            key: 'list',
            value: {
              arrayValue: {
                values: [
                  { stringValue: 'a' },
                  { kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } },
                ],
              },
            },
          },
        ],
      }),
      'normal',
    );
    expect(text.split('\n')[1]).toBe('  2026-01-01T00:00:00.000Z WARN two\\nlines n=3 list=[a, {k: true}]');
  });

  it('a line for a span and for a data point', async () => {
    const span = {
      name: 'GET /',
      startTimeUnixNano: '1767225600000000000',
      endTimeUnixNano: '1767225600012500000',
    };
    expect(
      await printed('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }, 'normal'),
    ).toContain('  2026-01-01T00:00:00.000Z GET / 12.5ms\n');
    const metrics = [
      { name: 'size', unit: 'By', sum: { dataPoints: [{ asInt: '5' }] } },
      { name: 'h', histogram: { dataPoints: [{ count: '2', sum: 3 }] } },
    ];
    const text = await printed('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }, 'normal');
    expect(text.split('\n').slice(1, 3)).toEqual(['  size 5 By', '  h count 2, sum 3']);
  });

  it('everything', async () => {
    expect(await printed('logs', record({ eventName: 'started' }), 'detailed')).toContain(
      '"eventName": "started"',
    );
  });

  it('nothing that steers the terminal', async () => {
    const text = await printed(
      'logs',
      record({ severityText: '\u001b[2J', body: { stringValue: 'a\u0007\u009b31m' } }),
      'normal',
    );
    expect(text).toContain('\\x1b[2J a\\x07\\x9b31m');
  });

  it.each(['normal', 'detailed'])('requests with nothing in them: %s', async (verbosity) => {
    for (const [signal, request] of [
      ['logs', record({})],
      ['traces', { resourceSpans: [{}] }],
      ['metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: [{}] }] }] }],
    ] as const) {
      expect(await printed(signal, request, verbosity)).toMatch(/^out: /);
    }
  });
});

it('the noop exporter acknowledges', async () => {
  const feed = new Feed();
  const pipeline = chain([node('in', 'receiver', feed), configured('out', noopExporter, {})]);
  await pipeline.start();
  await feed.send({ signal: 'logs', bytes: Buffer.from('anything') });
  await settle();
  expect(feed.outcomes).toEqual([ACKED]);
  expect(nodeTypes).toContain(noopExporter);
});
