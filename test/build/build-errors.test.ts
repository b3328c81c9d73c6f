import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { buildGuest } from '../../build/index.ts';
import { INSTALL_COMMAND, load } from '../../build/toolchain.ts';
import type { WeirError } from '../../host/errors.ts';
import { manifestText, scratchFolder } from './scratch-guest.ts';

const limiter = manifestText('exports: [weir:capability/rate-limiter]');

/** The error of building `files`, with the folder's path cut out of its message. */
async function errorOf(files: Readonly<Record<string, string>>): Promise<{ code: string; message: string }> {
  const folder = await scratchFolder(files);
  const error = await buildGuest(folder).then(
    () => expect.fail('it built'),
    (cause: WeirError) => cause,
  );
  return { code: error.code, message: error.message.replaceAll(`${folder}/`, '') };
}

test('a missing function: where, and its signature', async () => {
  const error = await errorOf({ 'weir.yaml': limiter, 'extension.ts': 'let nothing = 0;' });
  expect(error.code).toBe('WEIR_BUILD_EXPORT');
  expect(error.message).toBe(
    'extension.ts:1:1: "tryAcquire" is not exported; expected, for weir:capability/rate-limiter@0.1.0: export function tryAcquire(n: u32): bool',
  );
});

test('a function of another type: where, what it has, what is wanted', async () => {
  const source = '\nexport function tryAcquire(n: string): bool { return true; }';
  const error = await errorOf({ 'weir.yaml': limiter, 'extension.ts': source });
  expect(error.code).toBe('WEIR_BUILD_EXPORT');
  expect(error.message).toBe(
    'extension.ts:2:17: "tryAcquire" has the type (String) => bool; expected, for weir:capability/rate-limiter@0.1.0: export function tryAcquire(n: u32): bool',
  );
});

test('every function that is wrong is reported at once, types by their names', async () => {
  const error = await errorOf({
    'weir.yaml': manifestText('exports: [weir:capability/bearer-token-authorizer, weir:extension/lifecycle]'),
    'extension.ts':
      'export const start: i32 = 1;\nexport function onTimer<T>(t: T): void {}\nexport function stop(reason: string): void {}',
  });
  expect(error.code).toBe('WEIR_BUILD_EXPORT');
  expect(error.message.split('\n')).toEqual([
    expect.stringContaining('export function authorize(token: string): Result<Decision, CapabilityError>'),
    expect.stringMatching(/^extension\.ts:1:14: "start" is not a plain function/),
    expect.stringMatching(
      /^extension\.ts:2:17: "onTimer" is not a plain function.*export function onTimer\(timer: u32\): void$/,
    ),
    expect.stringMatching(/^extension\.ts:3:17: "stop" .*export function stop\(reason: StopReason\): void$/),
  ]);
});

test('what the compiler finds comes with file, line and column, also in other files of the guest', async () => {
  const error = await errorOf({
    'weir.yaml': limiter,
    'extension.ts':
      "import { take } from './bucket/take';\nexport function tryAcquire(n: u32): bool { return take(n); }",
    'bucket/take.ts': 'export function take(n: u32): bool {\n  return missing(n);\n}',
  });
  expect(error).toEqual({
    code: 'WEIR_BUILD_COMPILE',
    message: "bucket/take.ts:2:10: Cannot find name 'missing'.",
  });
});

test('a syntax error, and a source that is not there', async () => {
  const syntax = await errorOf({
    'weir.yaml': limiter,
    'extension.ts': 'export function tryAcquire(n: u32 {',
  });
  expect(syntax.code).toBe('WEIR_BUILD_COMPILE');
  expect(syntax.message).toMatch(/^extension\.ts:1:\d+: /);
  const absent = await errorOf({ 'weir.yaml': limiter });
  expect(absent.code).toBe('WEIR_BUILD_COMPILE');
  expect(absent.message).toContain("'extension.ts' not found");
});

test('a crash of the compiler is an error, and the next build works', async () => {
  const crashing = `class A { constructor(public constructor: i32) {} }
    export function tryAcquire(n: u32): bool { return new A(n).constructor == 1; }`;
  const error = await errorOf({ 'weir.yaml': limiter, 'extension.ts': crashing });
  expect(error.code).toBe('WEIR_BUILD_COMPILE');
  expect(error.message).toMatch(
    /^extension\.ts: the AssemblyScript compiler crashed \(AssertionError: assertion failed\)/,
  );
  const good = 'export function tryAcquire(n: u32): bool { return n == 1; }';
  const { built } = await buildGuest(await scratchFolder({ 'weir.yaml': limiter, 'extension.ts': good }));
  expect(built).toBe(true);
});

test.each([
  ["console.log('x')", 'console.log', 'weir:extension/log'],
  ['n = <u32>Date.now()', 'Date.now', 'weir:extension/clock'],
])('what only a browser has (%s) names what to use instead', async (statement, field, instead) => {
  const source = `export function tryAcquire(n: u32): bool { ${statement}; return n == 1; }`;
  const error = await errorOf({ 'weir.yaml': limiter, 'extension.ts': source });
  expect(error.code).toBe('WEIR_BUILD_IMPORT');
  expect(error.message).toContain(`"${field}"`);
  expect(error.message).toContain(instead);
});

test('abort, assert, throw and Math.random leave no import behind', async () => {
  const source = `export function tryAcquire(n: u32): bool {
    assert(n != 3, 'three'); if (n == 4) throw new Error('four'); if (n == 5) abort('five');
    return Math.random() > 0.5; }`;
  const { manifest } = await buildGuest(
    await scratchFolder({ 'weir.yaml': limiter, 'extension.ts': source }),
  );
  expect(manifest.imports).toEqual([]);
});

test('an interface that does not exist names itself and the file', async () => {
  const error = await errorOf({
    'weir.yaml': manifestText('exports: [weir:capability/rate-limitter]'),
    'extension.ts': '',
  });
  expect(error.code).toBe('WEIR_BUILD_WIT');
  expect(error.message).toContain('weir.yaml: ');
  expect(error.message).toContain('rate-limitter');
});

test.each([
  ['resource r { constructor(); }', 'exports a resource'],
  ['f: func(s: stream<u8>);', 'uses a stream'],
  ['f: func(s: future<u8>);', 'uses a future'],
  ['f: func(s: list<u8, 4>);', 'fixed length'],
])('what a guest cannot do is refused by name: %s', async (member, message) => {
  const error = await errorOf({
    'weir.yaml': manifestText('world: w.wit\nworld-name: w'),
    'w.wit': `package test:no;\ninterface no { ${member} }\nworld w { export no; }`,
    'extension.ts': '',
  });
  expect(error.code).toBe('WEIR_BUILD_UNSUPPORTED');
  expect(error.message).toMatch(/"test:no\/no#/);
  expect(error.message).toContain(message);
});

test('WIT of its own that does not parse, or is not there', async () => {
  const own = manifestText('world: w.wit\nworld-name: w');
  const broken = await errorOf({ 'weir.yaml': own, 'w.wit': 'package test:no;\nworld w { export }' });
  expect(broken.code).toBe('WEIR_BUILD_WIT');
  expect(broken.message).toMatch(/^w\.wit: /);
  const absent = await errorOf({ 'weir.yaml': own });
  expect(absent.code).toBe('WEIR_BUILD_WIT');
  expect(absent.message).toContain('w.wit cannot be read (ENOENT)');
});

test('packages that are not installed: the command that installs them', async () => {
  const missing = (name: string) => {
    throw Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' });
  };
  await expect(load(missing)).rejects.toMatchObject({
    code: 'WEIR_BUILD_TOOLCHAIN_MISSING',
    message: expect.stringContaining('assemblyscript'),
    hint: INSTALL_COMMAND,
  });
});

test('the install command names the versions that are tested', async () => {
  const root = path.join(import.meta.dirname, '../..');
  const { devDependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  for (const name of ['assemblyscript', '@bytecodealliance/jco-transpile']) {
    expect(INSTALL_COMMAND).toContain(`${name}@${devDependencies[name]}`);
  }
});
