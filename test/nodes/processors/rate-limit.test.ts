import { describe, expect, it } from 'vitest';
import { CapabilityError } from '../../../host/capability/errors.ts';
import { rateLimitProcessor } from '../../../host/nodes/processors/rate-limit.ts';
import { capabilities, chain, configured, Feed, node, Sink, settle } from '../../pipeline/parts.ts';
import { exampleBytes } from '../otlp-server.ts';

async function limited(tryAcquire: (n: number) => boolean, config: Record<string, unknown> = {}) {
  const [feed, sink] = [new Feed(), new Sink()];
  const limit = configured(
    'limit',
    rateLimitProcessor,
    config,
    capabilities({ 'rate-limiter': { tryAcquire } }),
  );
  const pipeline = chain([node('in', 'receiver', feed), limit, node('out', 'exporter', sink)]);
  await pipeline.start();
  const send = async (items: number) => {
    await feed.send({ signal: 'logs', bytes: exampleBytes('logs', items) });
    await settle();
    return feed.outcomes.at(-1)!;
  };
  return { send, sink };
}

function quota(tokens: number) {
  let left = tokens;
  return (n: number) => {
    if (n > left) return false;
    left -= n;
    return true;
  };
}

describe('over the quota', () => {
  it('a batch is nacked, and the sender told to slow down', async () => {
    const { send, sink } = await limited(quota(10), { retry_after: '3s' });
    expect((await send(6)).acked).toBe(true);
    expect(await send(6)).toEqual({
      acked: false,
      nack: {
        reason: 'the rate limit is reached',
        permanent: false,
        cause: 'channel-full',
        retryAfterMs: 3_000,
      },
    });
    expect((await send(4)).acked).toBe(true);
    expect(sink.deliveries.length).toBe(2);
  });

  it('a batch is dropped where that is wanted', async () => {
    const { send, sink } = await limited(quota(0), { on_limit: 'drop' });
    expect((await send(1)).acked).toBe(true);
    expect(sink.deliveries.length).toBe(0);
  });

  it('whole batches count where that is wanted', async () => {
    const { send } = await limited(quota(2), { unit: 'batches' });
    expect([await send(100), await send(100), await send(1)].map(({ acked }) => acked)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('a batch without items costs nothing', async () => {
    const { send } = await limited(quota(0));
    expect((await send(0)).acked).toBe(true);
  });
});

describe('while the rate limiter is down', () => {
  const down = () => {
    throw new CapabilityError('limiter', 'rate-limiter', false, 'limiter is restarting');
  };

  it.each([
    ['nack', false],
    ['pass', true],
  ])('on_fault: %s', async (on_fault, acked) => {
    const { send } = await limited(down, { on_fault });
    const outcome = await send(1);
    expect(outcome.acked).toBe(acked);
    if (!outcome.acked) expect(outcome.nack).toMatchObject({ permanent: false, cause: 'guest-fault' });
  });
});
