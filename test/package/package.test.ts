/** What `npm install weir-runtime` gives: a command, four modules with types, and nothing that was not meant to be there. */
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkout } from '../checkout.ts';
import { guest } from '../e2e/configuration.ts';
import { freePort } from '../e2e/free-port.ts';
import { WeirProcess } from '../e2e/weir-process.ts';
import { readmeSnippets } from '../readme/snippets.ts';
import { InstalledPackage, npx } from './installed-package.ts';

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await InstalledPackage.install();
});
afterAll(() => installed && rm(dirname(installed.folder), { recursive: true, force: true }));

describe('its files', () => {
  it('are the compiled host and toolchain, the contracts, the guests, and no tests or sources', async () => {
    const files = await filesOf(installed.root);
    const strange = files.filter(
      (file) =>
        !/^dist\/(host|build)\/[\w./-]+\.(js|d\.ts)$/.test(file) &&
        !/^wit\/(README\.md|\w+\/\w+\.wit)$/.test(file) &&
        !/^guests\/([\w-]+\/([\w-]+\.wasm|weir\.yaml)|quickstart\.yaml)$/.test(file) &&
        !/^build\/(library\/\w+\.ts|README\.md)$/.test(file) &&
        !['host/cli/launcher.cjs', 'host/ERRORS.md', 'README.md', 'LICENSE', 'package.json'].includes(file),
    );
    expect(strange).toEqual([]);
    expect(files.filter((file) => /(^|\/)test\/|\.test\.|build-guests/.test(file))).toEqual([]);
    for (const wanted of ['LICENSE', 'guests/redact/redact.wasm', 'build/library/wit.ts']) {
      expect(files).toContain(wanted);
    }
  });

  it('do not tell where they were made', async () => {
    const telling: string[] = [];
    for (const file of await filesOf(installed.root)) {
      if ((await readFile(join(installed.root, file))).includes(checkout)) telling.push(file);
    }
    expect(telling).toEqual([]);
  });

  it('import what the package depends on, and it depends on nothing else', async () => {
    const { dependencies, peerDependencies, peerDependenciesMeta } = await manifest();
    const imported = new Set<string>();
    for (const file of await filesOf(join(installed.root, 'dist'))) {
      if (!file.endsWith('.js')) continue;
      const text = await readFile(join(installed.root, 'dist', file), 'utf8');
      for (const [, name] of text.matchAll(
        /(?:^(?:import|export)[^'"`]*? from |^import |\bimport\()'([^'.][^']*)'/gm,
      )) {
        if (!isBuiltin(name!)) imported.add(/^(@[^/]+\/)?[^/]+/.exec(name!)![0]);
      }
    }
    const always = [...imported].filter((name) => !(name in peerDependencies));
    expect(always.sort()).toEqual(Object.keys(dependencies).sort());
    for (const peer of Object.keys(peerDependencies)) {
      expect(peerDependenciesMeta[peer]).toEqual({ optional: true });
    }
  });
});

describe('its command', () => {
  it('is there for npx, in a checkout too', async () => {
    const { version } = await manifest();
    for (const folder of [installed.folder, checkout]) {
      const { code, stdout } = await npx(folder, 'weir', '--version');
      expect({ folder, code, stdout }).toEqual({ folder, code: 0, stdout: `${version}\n` });
    }
  });

  it('checks configurations', async () => {
    const good = await installed.weir('check', 'node_modules/weir-runtime/guests/quickstart.yaml');
    expect(good).toMatchObject({ code: 0, stderr: '' });
    await installed.write(
      'bad.yaml',
      'version: weir/v1\ngroups: { g: { pipelines: { p: { nods: {} } } } }\n',
    );
    const bad = await installed.weir('check', 'bad.yaml');
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('bad.yaml:2:34 WEIR_CONFIG_UNKNOWN_KEY');
  });

  it('inspects components', async () => {
    const { code, stdout } = await installed.weir(
      'inspect',
      '--json',
      'node_modules/weir-runtime/guests/redact/redact.wasm',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'processor', problems: [] });
  });

  it('shows the quickstart', async () => {
    const weir = new WeirProcess(['quickstart'], {
      main: join(installed.root, 'host', 'cli', 'launcher.cjs'),
      env: {
        WEIR_QUICKSTART_LISTEN: `127.0.0.1:${await freePort()}`,
        WEIR_QUICKSTART_FILE: join(installed.folder, 'quickstart.jsonl'),
      },
    });
    await weir.printed((line) => line.startsWith('stored heartbeat 1: [email]'));
    expect(await weir.stop('SIGINT')).toBe(0);
  });

  it('builds guests once the packages that it names are installed', async () => {
    const folder = join(installed.folder, 'rate-limiter');
    await mkdir(folder);
    for (const file of ['weir.yaml', 'extension.ts']) {
      await cp(join(checkout, 'guests', 'rate-limiter', file), join(folder, file));
    }
    const without = await installed.weir('build', 'rate-limiter');
    expect(without.code).toBe(1);
    expect(without.stderr).toContain('WEIR_BUILD_TOOLCHAIN_MISSING');
    const command = /npm install --save-dev (.+)/.exec(without.stderr)?.[1];
    const names = Object.keys((await manifest()).peerDependencies);
    expect(
      command
        ?.split(' ')
        .map((one) => one.replace(/@[\d.]+$/, ''))
        .sort(),
    ).toEqual(names.sort());

    // Those of the checkout are the versions that the command names: build-errors.test.ts holds that.
    for (const name of names) {
      const link = join(installed.folder, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(checkout, 'node_modules', name), link, 'dir');
    }
    expect(await installed.weir('build', 'rate-limiter')).toMatchObject({ code: 0 });
    const made = await readFile(join(folder, 'rate-limiter.wasm'));
    expect(made.equals(await readFile(await guest('rate-limiter')))).toBe(true);
  });
});

describe('the programs of its README', () => {
  it('engine.ts runs the configuration of the README', async () => {
    const snippets = await readmeSnippets();
    const config = snippets.get('pipelines.yaml')!;
    await symlink(join(installed.root, 'guests'), join(installed.folder, 'guests'), 'dir');
    await installed.write('pipelines.yaml', config.replace(':4318', `:${await freePort()}`));
    await installed.write('engine.ts', snippets.get('engine.ts')!);
    const sha256 = createHash('sha256').update('secret').digest('hex');
    const { code, stdout, stderr } = await installed.run(
      'env',
      `TOKEN_SHA256=${sha256}`,
      'node',
      'engine.ts',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/name: 'authorizer'[\s\S]*name: 'redact'/);
  });

  it('limiter.ts runs one extension', async () => {
    const wasm = join(installed.root, 'guests', 'rate-limiter', 'rate-limiter.wasm');
    await cp(wasm, join(installed.folder, 'rate-limiter.wasm'));
    await installed.write('limiter.ts', (await readmeSnippets()).get('limiter.ts')!);
    expect(await installed.run('node', 'limiter.ts')).toEqual({ code: 0, stdout: 'true\n', stderr: '' });
  });
});

describe('the program of its README for the component runtime alone', () => {
  it('component.ts configures a component and calls it', async () => {
    const wasm = join(installed.root, 'guests', 'token-authorizer', 'token-authorizer.wasm');
    await cp(wasm, join(installed.folder, 'token-authorizer.wasm'));
    await installed.write('component.ts', (await readmeSnippets()).get('component.ts')!);
    const { code, stdout, stderr } = await installed.run('node', 'component.ts');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/'weir:capability\/bearer-token-authorizer@0\.1\.0'[\s\S]*\ndeny\n$/);
  });
});

describe('its modules', () => {
  it('run a pipeline', async () => {
    await installed.write('engine.js', ENGINE);
    const { code, stdout, stderr } = await installed.run('node', 'engine.js');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      batches: 3,
      state: 'stopped',
      refused: 'WEIR_CONFIG_UNKNOWN_NODE_TYPE',
    });
  });

  it('run an extension with no pipeline around it', async () => {
    await installed.write('extension.js', EXTENSION);
    const { code, stdout, stderr } = await installed.run('node', 'extension.js');
    expect({ code, stderr, stdout: stdout.trim() }).toEqual({
      code: 0,
      stderr: '',
      stdout: 'true true false',
    });
  });

  it('have types', async () => {
    await installed.write('types.ts', TYPES);
    const options = {
      module: 'nodenext',
      target: 'esnext',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
    };
    await installed.write('tsconfig.json', JSON.stringify({ compilerOptions: options, files: ['types.ts'] }));
    const { code, stdout } = await installed.run(join(checkout, 'node_modules', '.bin', 'tsc'), '-p', '.');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });
});

const ENGINE = `
import { once, EventEmitter } from 'node:events';
import { Engine, InvalidConfigError } from 'weir-runtime';

const nodes = {
  in: { type: 'receiver:generator', config: { count: 3, rate: 1000 } },
  mask: { type: 'processor:wasm', guest: 'redact' },
  out: { type: 'exporter:debug' },
};
const config = (nodes) => ({
  version: 'weir/v1',
  groups: { g: { pipelines: { p: {
    extensions: { redact: { wasm: 'node_modules/weir-runtime/guests/redact/redact.wasm' } },
    nodes,
    connections: [{ from: 'in', to: 'mask' }, { from: 'mask', to: 'out' }],
  } } } },
});
const refused = await Engine.start(config({ ...nodes, out: { type: 'exporter:nowhere' } })).catch((error) => error);
const printed = new EventEmitter();
let batches = 0;
const engine = await Engine.start(config(nodes), {
  print: () => { batches += 1; if (batches === 3) printed.emit('all'); },
});
if (batches < 3) await once(printed, 'all');
await engine.stop({ deadline: 5000 });
const code = refused instanceof InvalidConfigError ? refused.errors[0].code : refused;
console.log(JSON.stringify({ batches, state: engine.status().state, refused: code }));
`;

const EXTENSION = `
import { loadExtension, RateLimiter } from 'weir-runtime/extension';

const wasm = 'node_modules/weir-runtime/guests/rate-limiter/rate-limiter.wasm';
const limiter = await loadExtension(wasm, { config: { capacity: 2, interval_ms: 60000 } });
const calls = limiter.require(RateLimiter);
console.log(calls.tryAcquire(1), calls.tryAcquire(1), calls.tryAcquire(1));
limiter.stop();
`;

const TYPES = `
import { Engine, type EngineStatus, InvalidConfigError } from 'weir-runtime';
import { type BuiltGuest, buildGuest } from 'weir-runtime/build';
import { type Component, DecodeError } from 'weir-runtime/component';
import { loadExtension, RateLimiter } from 'weir-runtime/extension';

export async function use(component: Component): Promise<BuiltGuest> {
  const engine = await Engine.start('pipelines.yaml', { print: (text: string) => text });
  const status: EngineStatus = engine.status();
  // @ts-expect-error: it has a shape
  status.pipelins;
  const limiter = await loadExtension('limiter.wasm', { limits: { timers: 1 } });
  const granted: boolean = limiter.require(RateLimiter).tryAcquire(1);
  // @ts-expect-error: a capability's functions have their own types
  limiter.require(RateLimiter).tryAcquire('1');
  const digest: string = component.digest;
  const known = [InvalidConfigError, DecodeError, granted, digest];
  // @ts-expect-error: the options have types
  return buildGuest('.', { force: known });
}
`;

async function manifest() {
  return JSON.parse(await readFile(join(installed.root, 'package.json'), 'utf8'));
}

/** Files below `folder`, with slashes. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
}
