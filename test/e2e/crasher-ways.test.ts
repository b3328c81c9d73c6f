/** `weir run` survives a guest that faults in each of the ways a guest can, and drains when told to stop. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { guest, inARow, writeConfig } from './configuration.ts';
import { WeirProcess } from './weir-process.ts';

/** What the supervisor calls a fault of each way; `crasher` itself says which ways there are. */
const faults: Readonly<Record<string, string>> = {
  unreachable: 'unreachable',
  abort: 'unreachable',
  'out-of-bounds': 'memory-out-of-bounds',
  'out-of-bounds-copy': 'memory-out-of-bounds',
  'divide-by-zero': 'integer-divide-by-zero',
  'divide-overflow': 'integer-overflow',
  'stack-overflow': 'stack-overflow',
  'null-function': 'indirect-call',
  'wrong-function': 'indirect-call',
  'no-such-function': 'table-out-of-bounds',
  'out-of-memory': 'unreachable',
  'bad-result-pointer': 'bad-value',
  'bad-result-length': 'bad-value',
  'bad-enum': 'bad-value',
  'bad-string': 'bad-value',
  'bad-pointer': 'bad-value',
  'too-many-timers': 'host-service',
  'in-timer': 'unreachable',
};

let weir: WeirProcess | undefined;
afterEach(() => weir?.stop('SIGKILL'));

it('survives every way to fault, loses nothing, and exits 0 on SIGTERM', async () => {
  const source = readFileSync(new URL('../../guests/crasher/ways.ts', import.meta.url), 'utf8');
  const ways = [.../const WAYS = \[([^\]]*)\]/.exec(source)![1]!.matchAll(/'([a-z-]+)'/g)].map(
    ([, way]) => way!,
  );
  expect(Object.keys(faults).sort()).toEqual([...ways].sort());

  const { file, folder } = await writeConfig({
    extensions: {
      crasher: {
        wasm: await guest('crasher'),
        restart: { max: 100, backoff: { initial: '1ms', max: '5ms' } },
      },
    },
    nodes: {
      in: { type: 'receiver:otlp', config: { listen: '127.0.0.1:0' } },
      retry: { type: 'processor:retry', config: { initial: '10ms', max: '50ms', max_attempts: 100 } },
      crash: { type: 'processor:wasm', guest: 'crasher', config: { max_faults: 100 } },
      out: { type: 'exporter:file', config: { path: 'out.jsonl' } },
    },
    connections: inARow('in', 'retry', 'crash', 'out'),
  });
  weir = new WeirProcess(['run', file]);
  const { address } = await weir.line((line) => typeof line.address === 'string');
  const running = weir;
  for (const [n, way] of ways.entries()) {
    // The first batch of a fresh instance is spared: make the command the second.
    expect((await send(String(address), `before ${way}`)).status).toBe(200);
    expect((await send(String(address), `crash ${way}`, way)).status).toBe(200);
    await running.line(({ extension, restarts }) => extension === 'crasher' && restarts === n + 1);
  }
  // Equal faults in a row are told of once.
  expect(onceInARow(faultsIn(weir))).toEqual(onceInARow(ways.map((way) => faults[way]!)));
  expect(weir.ended).toBeUndefined();
  expect(await weir.stop('SIGTERM')).toBe(0);
  const written = readFileSync(`${folder}/out.jsonl`, 'utf8');
  for (const way of ways) {
    expect(written).toContain(`"before ${way}"`);
    expect(written).toContain(`"crash ${way}"`);
  }
}, 60_000);

/** What the faults of `crasher` so far are told as, oldest first. */
function faultsIn(process: WeirProcess): string[] {
  return process.lines
    .filter((line) => line.extension === 'crasher' && line.fault !== undefined)
    .map((line) => (line.fault as { detail: string }).detail);
}

function onceInARow(details: readonly string[]): string[] {
  return details.filter((detail, i) => detail !== details[i - 1]);
}

function send(address: string, body: string, crash?: string): Promise<Response> {
  const attributes = crash === undefined ? [] : [{ key: 'weir.crash', value: { stringValue: crash } }];
  const record = { body: { stringValue: body }, attributes };
  return fetch(`http://${address}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }),
  });
}
