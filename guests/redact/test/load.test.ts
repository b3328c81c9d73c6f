/** Long use and large batches: memory stays level, and the work grows with the batch and no faster. */
import { expect, test } from 'vitest';
import type { ProcessorGuest } from '../../../host/capability/contracts.ts';
import { startGuest } from '../../../test/guests/start-guest.ts';
import { concat, sized } from './wire.ts';

/** A request with `records` log records whose body is `text`. */
function logs(records: number, text: string): Uint8Array {
  return sized(1, sized(2, ...Array<Uint8Array>(records).fill(sized(2, sized(5, sized(1, text))))));
}

test('memory stays level over thousands of batches', async () => {
  const { instance, exports } = await startGuest('redact', {});
  const redact = exports['weir:processor/processor@0.1.0'] as ProcessorGuest;
  const batches = [logs(2_000, 'mail jane@example.com'), logs(300, 'nothing'), logs(1, 'a@b.cd')];
  const round = () => {
    for (let i = 0; i < 500; i++) for (const batch of batches) redact.process('logs', batch);
  };
  round();
  const before = instance.memoryBytes();
  round();
  round();
  expect(instance.memoryBytes()).toBe(before);
});

test('a batch of hits alone takes time in proportion to its length', async () => {
  const { exports } = await startGuest('redact', {});
  const redact = exports['weir:processor/processor@0.1.0'] as ProcessorGuest;
  const fragments = ['a@b.cd ', '4111111111111111 ', 'eyJ', 'Bearer ', 'x@', '1 ', '.'];
  for (const fragment of fragments) {
    // Twice the square of this length would be minutes.
    const text = fragment.repeat(Math.floor(2_000_000 / fragment.length));
    const start = performance.now();
    redact.process('logs', concat(logs(1, text)));
    expect(performance.now() - start).toBeLessThan(2_000);
  }
});
