/**
 * The promise at the centre: a client got its 200 only for what was written, whatever an extension does.
 * Real SDK exporters on one side, the file on the other, and a guest that faults in between.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Signal } from '../../host/pipeline/batch.ts';
import { authorizer, guest, inARow, TOKEN, writeConfig } from './configuration.ts';
import { type Encoding, SdkClient, type SentBatch } from './sdk-client.ts';
import { WeirProcess } from './weir-process.ts';

const RECORDS = 10_000;
const PER_BATCH = 10;
/** Every so many batches, one tells the crasher to trap. */
const CRASH_EVERY = 50;
const AT_ONCE = 16;

const signals: readonly Signal[] = ['logs', 'traces', 'metrics'];
const encodings: readonly Encoding[] = ['protobuf', 'json'];

let weir: WeirProcess | undefined;
afterEach(() => weir?.stop('SIGKILL'));

interface Ledger {
  readonly batches: readonly SentBatch[];
  /** Of the records in acknowledged batches, those that the file does not hold. */
  readonly missing: readonly string[];
  /** E-mail addresses that stand in the file. */
  readonly unmasked: readonly string[];
  readonly crasherFaults: number;
  readonly exitCode: number | NodeJS.Signals;
}

it('10,000 records of every signal and encoding are acknowledged and written, though a guest faults on them', async () => {
  const ledger = await keepLedger('nack');
  expect(ledger.batches.length).toBeGreaterThanOrEqual(1_000);
  expect(ledger.batches.filter(({ acked }) => !acked).slice(0, 5)).toEqual([]);
  expect(ledger.crasherFaults).toBeGreaterThanOrEqual(10);
  expect(ledger.missing.slice(0, 5)).toEqual([]);
  // Not `toContain`: a failure would print the whole file.
  expect(ledger.unmasked.slice(0, 5)).toEqual([]);
  expect(ledger.exitCode).toBe(0);
}, 120_000);

it('the same ledger does not balance with `on_fault: drop`: what the guest faulted on is acknowledged and gone', async () => {
  const ledger = await keepLedger('drop');
  expect(ledger.batches.filter(({ acked }) => !acked).slice(0, 5)).toEqual([]);
  expect(ledger.crasherFaults).toBeGreaterThanOrEqual(10);
  expect(ledger.missing.length).toBeGreaterThanOrEqual(10 * PER_BATCH);
  expect(ledger.exitCode).toBe(0);
}, 120_000);

async function keepLedger(onFault: 'nack' | 'drop'): Promise<Ledger> {
  const { file, folder } = await writeConfig({
    extensions: {
      authorizer: await authorizer(),
      redact: { wasm: await guest('redact') },
      crasher: {
        wasm: await guest('crasher'),
        restart: { max: 10_000, backoff: { initial: '2ms', max: '10ms' } },
      },
    },
    nodes: {
      in: {
        type: 'receiver:otlp',
        capabilities: { 'bearer-token-authorizer': 'authorizer' },
        config: { listen: '127.0.0.1:0' },
      },
      mask: { type: 'processor:wasm', guest: 'redact' },
      retry: { type: 'processor:retry', config: { initial: '5ms', max: '50ms', max_attempts: 100 } },
      crash: { type: 'processor:wasm', guest: 'crasher', config: { on_fault: onFault, max_faults: 100 } },
      out: { type: 'exporter:file', config: { path: 'out.jsonl' } },
    },
    connections: inARow('in', 'mask', 'retry', 'crash', 'out'),
  });
  weir = new WeirProcess(['run', file]);
  const { address } = await weir.line((line) => typeof line.address === 'string');
  const batches = await sendAll(`http://${address}`);
  expect(weir.ended).toBeUndefined();
  const exitCode = await weir.stop();
  const summary = await weir.line((line) => line.msg === 'the engine stopped');

  const written = readFileSync(join(folder, 'out.jsonl'), 'utf8');
  const present = new Set(
    [...written.matchAll(/"key":"test\.id","value":\{"stringValue":"(r\d+)"\}/g)].map(([, id]) => id!),
  );
  const acked = batches.filter((batch) => batch.acked).flatMap((batch) => batch.ids);
  return {
    batches,
    missing: acked.filter((id) => !present.has(id)),
    unmasked: [...new Set([...written.matchAll(/r\d+@mail\.example/g)].map(([address]) => address))],
    crasherFaults: (summary.extensions as Record<string, { faults: number }>)['default/main/crasher']!.faults,
    exitCode,
  };
}

async function sendAll(url: string): Promise<SentBatch[]> {
  const client = new SdkClient({ url, headers: { authorization: `Bearer ${TOKEN}` } });
  const sent: SentBatch[] = [];
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < RECORDS / PER_BATCH; n = next++) {
      const ids = Array.from({ length: PER_BATCH }, (_, i) => `r${n * PER_BATCH + i}`);
      const crash = n % CRASH_EVERY === CRASH_EVERY - 1;
      const signal = signals[n % signals.length]!;
      const encoding = encodings[Math.floor(n / signals.length) % encodings.length]!;
      sent.push(await client.send(signal, encoding, ids, crash ? { 'weir.crash': 'unreachable' } : {}));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await client.close();
  return sent;
}
