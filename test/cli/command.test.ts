/** The command as its user types it. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { guest, inARow, writeConfig } from '../e2e/configuration.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const run = promisify(execFile);
const cli = resolve(import.meta.dirname, '../../host/cli');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function command(node: string, ...args: string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await run(node, args, { env: { ...process.env, NO_COLOR: '1' } });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

const weir = (...args: string[]) => command(process.execPath, join(cli, 'main.ts'), ...args);

const noop = {
  nodes: { in: { type: 'receiver:otlp', config: { listen: '127.0.0.1:0' } }, out: { type: 'exporter:noop' } },
  connections: inARow('in', 'out'),
};

describe('weir check', () => {
  it('says ok and exits 0 for a good configuration', async () => {
    const { file } = await writeConfig(noop);
    const ended = await weir('check', file);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('ok');
    expect(JSON.parse((await weir('check', '--json', file)).stdout)).toEqual({ ok: true, errors: [] });
  });

  it('tells every error with its place and exits 2', async () => {
    const { file } = await writeConfig({ ...noop, connections: [{ from: 'inn', to: 'out' }], nods: {} });
    const ended = await weir('check', file);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toMatch(/pipeline\.yaml:\d+:\d+ WEIR_CONFIG_UNKNOWN_KEY/);
    expect(ended.stderr).toMatch(/pipeline\.yaml:\d+:\d+ WEIR_CONFIG_UNKNOWN_NODE/);
    const answer = JSON.parse((await weir('check', '--json', file)).stdout);
    expect(answer.ok).toBe(false);
    expect(answer.errors).toContainEqual(
      expect.objectContaining({ code: 'WEIR_CONFIG_UNKNOWN_NODE', file, line: expect.any(Number) }),
    );
  });

  it('shows the configuration with secrets masked', async () => {
    const { file } = await writeConfig(noop, {
      engine: { telemetry: { endpoint: 'http://127.0.0.1:1', headers: { authorization: 'Bearer hush' } } },
    });
    const { stdout } = await weir('check', '--show', file);
    expect(stdout).toContain('receiver:otlp');
    expect(stdout).not.toContain('hush');
  });
});

describe('weir run', () => {
  it('exits 2 and starts nothing when the configuration has errors', async () => {
    const { file } = await writeConfig({ ...noop, connections: [] });
    const ended = await weir('run', file);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('WEIR_CONFIG_UNCONNECTED');
  });
});

describe('weir inspect', () => {
  it('shows what a component exports, provides and needs', async () => {
    const file = await guest('rate-limiter');
    const { code, stdout } = await weir('inspect', file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/kind +active/);
    expect(stdout).toContain('try-acquire: func(n: u32) -> bool');
    const answer = JSON.parse((await weir('inspect', '--json', file)).stdout);
    expect(answer).toMatchObject({ kind: 'active', provides: ['rate-limiter'], problems: [] });
    expect(answer.permissions).toEqual([{ interface: 'weir:extension/timers@0.1.0' }]);
  });

  it.each([
    ['a core module', Buffer.from('0061736d01000000', 'hex'), /core module/],
    ['text', Buffer.from('hello'), /not a WebAssembly binary/],
    ['nothing', Buffer.alloc(0), /not a WebAssembly binary|empty/],
    ['half a component', Buffer.from('0061736d0d000100071f', 'hex'), /at byte \d+/],
  ])('refuses %s with a reason and exits 1', async (_what, bytes, reason) => {
    const file = join(await temporaryFolder(), 'broken.wasm');
    writeFileSync(file, bytes);
    const ended = await weir('inspect', file);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(reason);
    expect(ended.stderr).not.toMatch(/^ +at /m);
  });
});

describe('weir', () => {
  it('exits 2 on a command or option that does not exist, and 0 for help', async () => {
    expect((await weir('runn')).code).toBe(2);
    expect((await weir('check', '--jsn', 'x')).code).toBe(2);
    const help = await weir('--help');
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('Exit codes');
  });

  it('does not mind a reader that has seen enough', async () => {
    const child = spawn(process.execPath, [join(cli, 'main.ts'), '--help'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const [code] = await once(child, 'close');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('on a Node that is too old says which one is needed', async () => {
    const folder = await temporaryFolder();
    const pretend = join(folder, 'pretend.cjs');
    writeFileSync(pretend, "Object.defineProperty(process, 'versions', { value: { node: '22.1.0' } });");
    const ended = await command(
      process.execPath,
      '--require',
      pretend,
      join(cli, 'launcher.cjs'),
      'check',
      'x',
    );
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('needs Node.js 26');
    expect(ended.stderr).toContain('22.1.0');
  });
});
