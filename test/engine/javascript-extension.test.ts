/**
 * An extension written in TypeScript and made by another toolchain than Weir's: a rate limiter and a
 * processor in one component, with what it was granted, in a pipeline.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Engine } from '../../host/index.ts';
import { inARow } from '../e2e/configuration.ts';
import { javascriptComponent, WASI_VERSION } from '../javascript-component.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const component = () =>
  javascriptComponent({
    world: 'guest',
    wit: `package test:doorman@1.0.0;
world guest {
  import wasi:cli/environment@${WASI_VERSION};
  import wasi:filesystem/preopens@${WASI_VERSION};
  import wasi:filesystem/types@${WASI_VERSION};
  import weir:extension/log@0.1.0;
  export weir:extension/configured@0.1.0;
  export weir:capability/rate-limiter@0.1.0;
  export weir:processor/processor@0.1.0;
}`,
    source: `
import { getEnvironment } from 'wasi:cli/environment@${WASI_VERSION}';
import { getDirectories } from 'wasi:filesystem/preopens@${WASI_VERSION}';
import { write } from 'weir:extension/log@0.1.0';

interface Config { capacity: number }
let left = 0;
let banned: string[] = [];

export const configured = {
  configure(json: string): void {
    const { capacity } = JSON.parse(json) as Config;
    if (!(capacity > 0)) throw 'capacity: expected a positive number';
    left = capacity;
    const [[folder]] = getDirectories();
    const file = folder.openAt({}, 'banned.txt', {}, { read: true });
    const text = String.fromCharCode(...Object.values(file.read(4096, 0)[0]) as number[]);
    const more = getEnvironment().find(([name]) => name === 'DOORMAN_BANNED')?.[1] ?? '';
    banned = (text + more).split('\\n').filter((word) => word !== '');
    write('info', 'banned words were read', [['count', String(banned.length)]]);
  },
};

export const rateLimiter = {
  tryAcquire(n: number): boolean {
    if (n > left) return false;
    left -= n;
    return true;
  },
};

export const processor = {
  process(_signal: string, batch: Uint8Array): { tag: string } {
    const text = String.fromCharCode(...Object.values(batch) as number[]);
    return banned.some((word) => text.includes(word)) ? { tag: 'drop' } : { tag: 'unchanged' };
  },
};`,
  });

async function folderWith(grants: unknown, capacity = 3) {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'doorman.wasm'), await component());
  await mkdir(join(folder, 'lists'));
  await writeFile(join(folder, 'lists/banned.txt'), 'password\nsecret\n');
  const config = `version: weir/v1
groups:
  default:
    pipelines:
      main:
        extensions:
          doorman: ${JSON.stringify({ wasm: './doorman.wasm', config: { capacity }, grants })}
        nodes:
          in: { type: receiver:otlp, config: { listen: 127.0.0.1:0 } }
          limit: { type: processor:rate_limit, capabilities: { rate-limiter: doorman } }
          filter: { type: processor:wasm, guest: doorman }
          out: { type: exporter:file, config: { path: ./out.jsonl } }
        connections: ${JSON.stringify(inARow('in', 'limit', 'filter', 'out'))}
`;
  const file = join(folder, 'pipelines.yaml');
  await writeFile(file, config);
  return { folder, file };
}

test('limits, drops and passes on, by what it may read', { timeout: 60_000 }, async () => {
  process.env.DOORMAN_BANNED = 'hush';
  const { folder, file } = await folderWith({
    fs: [{ path: './lists', mode: 'read' }],
    env: ['DOORMAN_BANNED'],
  });
  const engine = await Engine.start(file);
  try {
    const [pipeline] = engine.status().pipelines;
    const address = pipeline!.nodes.find(({ id }) => id === 'in')!.facts.address;
    const send = async (text: string): Promise<number> => {
      const logRecords = [{ body: { stringValue: text } }];
      const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`http://${address}/v1/logs`, { method: 'POST', headers, body })).status;
    };
    expect([await send('hello'), await send('a secret'), await send('hush')]).toEqual([200, 200, 200]);
    expect(await send('one too many')).toBe(429);
    const [doorman] = engine.status().pipelines[0]!.extensions;
    expect(doorman).toMatchObject({ kind: 'processor', provides: ['processor', 'rate-limiter'] });
    expect(doorman!.instances[0]).toMatchObject({ state: 'ready', faults: 0 });
  } finally {
    delete process.env.DOORMAN_BANNED;
    await engine.stop();
  }
  const written = await readFile(join(folder, 'out.jsonl'), 'utf8');
  expect(written).toContain('hello');
  expect(written).not.toMatch(/secret|hush/);
});

test('without the folder it does not start, and says why', { timeout: 60_000 }, async () => {
  const { file } = await folderWith({});
  await expect(Engine.start(file)).rejects.toMatchObject({
    code: 'WEIR_EXTENSION_START',
    position: { line: 7 },
  });
});
