/** A blocked exporter is the client's business (429), and costs no memory that grows with the load. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { inARow, writeConfig } from './configuration.ts';
import { WeirProcess } from './weir-process.ts';

const BATCH_BYTES = 256 * 1024;
const REQUESTS = 1_500;
const AT_ONCE = 16;
const GROWTH_MAX = 128 * 2 ** 20;

let weir: WeirProcess | undefined;
let backend: Server | undefined;
afterEach(async () => {
  await weir?.stop('SIGKILL');
  backend?.closeAllConnections();
  backend?.close();
});

it('a blocked exporter produces 429 with Retry-After while memory stays bounded, and what was taken arrives later', async () => {
  let open = false;
  const held: (() => void)[] = [];
  let arrived = 0;
  backend = createServer((request, response) => {
    request.resume().on('end', () => {
      const answer = () => {
        arrived += 1;
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      };
      if (open) answer();
      else held.push(answer);
    });
  });
  await new Promise<void>((resolve) => backend!.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
  const { file } = await writeConfig({
    policies: { channel_capacity: { pdata: 4 } },
    nodes: {
      in: { type: 'receiver:otlp', config: { listen: '127.0.0.1:0' } },
      out: { type: 'exporter:otlp_http', config: { endpoint, timeout: '60s', concurrency: 2 } },
    },
    connections: inARow('in', 'out'),
  });
  weir = new WeirProcess(['run', file]);
  const { address } = await weir.line((line) => typeof line.address === 'string');

  const statuses = new Map<number, number>();
  const retryAfter = new Set<string | null>();
  const waiting: Promise<void>[] = [];
  const flood = async (count: number) => {
    for (let i = 0; i < count; i += 1) {
      const sent = send(String(address)).then((response) => {
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        if (response.status === 429) retryAfter.add(response.headers.get('retry-after'));
      });
      waiting.push(sent);
      // Those that were taken are answered much later; the rest are refused at once.
      if (i % AT_ONCE === AT_ONCE - 1)
        await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
  };
  await flood(200);
  const before = residentBytes(weir.pid);
  await flood(REQUESTS);
  const after = residentBytes(weir.pid);
  expect(statuses.get(429) ?? 0).toBeGreaterThan(REQUESTS / 2);
  expect([...retryAfter].every((seconds) => Number(seconds) >= 1)).toBe(true);
  expect(after - before).toBeLessThan(GROWTH_MAX);

  open = true;
  for (const answer of held.splice(0)) answer();
  await Promise.all(waiting);
  expect([...statuses.keys()].sort()).toEqual([200, 429]);
  expect(statuses.get(200)).toBe(arrived);
  expect(await weir.stop()).toBe(0);
}, 90_000);

const body = JSON.stringify({
  resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x'.repeat(BATCH_BYTES) } }] }] }],
});

function send(address: string): Promise<Response> {
  return fetch(`http://${address}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
}

/** Resident memory of a process, bytes. */
function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024;
}
