/**
 * A disk that is really full: a small tmpfs. The exporter nacks, nothing is acknowledged that was not
 * written, and the batch arrives once there is room.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { inARow, writeConfig } from './configuration.ts';
import { WeirProcess } from './weir-process.ts';

const disk = mkdtempSync(join(tmpdir(), 'weir-small-disk-'));
const SIZE = 256 * 1024;

// Mounting takes root. Others see this test as skipped; `test/nodes` has one that does with /dev/full.
const mayMount = process.getuid?.() === 0;

beforeAll(() => {
  if (!mayMount) return;
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'weir-test', disk], { stdio: 'pipe' });
});
afterAll(() => {
  if (mayMount) execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true });
});

let weir: WeirProcess | undefined;
afterEach(() => weir?.stop('SIGKILL'));

it.runIf(mayMount)('nacks while the disk is full and writes the batch once there is room', async () => {
  const { file } = await writeConfig({
    nodes: {
      in: { type: 'receiver:otlp', config: { listen: '127.0.0.1:0' } },
      retry: { type: 'processor:retry', config: { initial: '20ms', max: '50ms', max_attempts: 1000 } },
      out: { type: 'exporter:file', config: { path: join(disk, 'out.jsonl'), fsync: 'always' } },
    },
    connections: inARow('in', 'retry', 'out'),
  });
  weir = new WeirProcess(['run', file]);
  const { address } = await weir.line((line) => typeof line.address === 'string');
  expect((await send(String(address), 'while there was room')).status).toBe(200);

  fill(join(disk, 'filler'));
  let answered: number | undefined;
  const late = send(String(address), `after there was room ${'x'.repeat(20_000)}`).then(({ status }) => {
    answered = status;
  });
  await weir.line((line) => line.node === 'out' && /ENOSPC|no space/i.test(JSON.stringify(line)));
  expect(answered).toBeUndefined();
  expect(readFileSync(join(disk, 'out.jsonl'), 'utf8')).not.toContain('after there was room');

  rmSync(join(disk, 'filler'));
  await late;
  expect(answered).toBe(200);
  const lines = readFileSync(join(disk, 'out.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line)).length).toBe(2);
  expect(lines[1]).toContain('after there was room');
  expect(await weir.stop()).toBe(0);
});

/** Write until there is no room left. */
function fill(path: string): void {
  for (let size = SIZE; size > 0; size -= 1024) {
    try {
      writeFileSync(path, Buffer.alloc(size));
      return;
    } catch {
      // Still too large.
    }
  }
}

function send(address: string, body: string): Promise<Response> {
  return fetch(`http://${address}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: body } }] }] }],
    }),
  });
}
