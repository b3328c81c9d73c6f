/** What `npm start` shows: telemetry of its own arrives masked, a guest faults and comes back, nothing is lost. */
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { guest } from './configuration.ts';
import { freePort } from './free-port.ts';
import { WeirProcess } from './weir-process.ts';

let weir: WeirProcess | undefined;
afterEach(() => weir?.stop('SIGKILL'));

it('shows telemetry arriving masked and a fault that loses nothing, and ends with 0 on Ctrl-C', async () => {
  for (const name of ['token-authorizer', 'rate-limiter', 'redact', 'crasher']) await guest(name);
  const folder = await temporaryFolder();
  weir = new WeirProcess(['quickstart'], {
    env: {
      WEIR_QUICKSTART_LISTEN: `127.0.0.1:${await freePort()}`,
      WEIR_QUICKSTART_FILE: join(folder, 'out.jsonl'),
    },
  });
  const text = (pattern: RegExp) => weir!.printed((line) => pattern.test(line));
  await text(/curl -i http:\/\/127\.0\.0\.1:\d+\/v1\/logs/);
  for (const name of ['ENDPOINT', 'PROTOCOL', 'HEADERS'])
    await text(new RegExp(`OTEL_EXPORTER_OTLP_${name}=`));
  await text(/^stored heartbeat 1: \[email\] paid with card \[card-number\]/);
  await text(/^fault {2}crasher: trap/);
  await text(/^ready {2}crasher: restarted/);
  // The heartbeat that made it trap, delivered again.
  await text(/^stored heartbeat 5: /);
  expect(await weir.stop('SIGINT')).toBe(0);
  const tally = weir.stray.findLast((line) => line.startsWith('heartbeats:'));
  const [, sent, stored, underWay] = /(\d+) sent, (\d+) stored, (\d+) under way/.exec(tally!)!;
  expect([stored, underWay]).toEqual([sent, '0']);
  expect(weir.stray.filter((line) => /error/.test(line))).toEqual([]);
}, 60_000);
