/** Every interface of WASI 0.2 can be linked, with the types that its WIT gives it; the rest is refused. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileComponent } from '../../../host/component/compile.ts';
import { describeComponent } from '../../../host/component/decode/describe.ts';
import { ComponentError } from '../../../host/component/errors.ts';
import { signature } from '../../../host/component/signature.ts';
import type { ComponentType } from '../../../host/component/types.ts';
import { NO_GRANTS } from '../../../host/sandbox/grants.ts';
import { checkImports } from '../../../host/sandbox/imports.ts';
import { wasiInterfaces } from '../../../host/sandbox/wasi/interfaces.ts';
import { makeWasi } from '../../../host/sandbox/wasi/wasi.ts';
import { caught } from '../../extension/supervised.ts';
import { ManualClock } from '../../manual-clock.ts';

const VERSION = '0.2.12';
const PACKAGES = ['io', 'clocks', 'cli', 'random', 'filesystem', 'sockets', 'http'];

/** Interfaces that a component exports, or that are not stable yet. */
const NOT_IMPORTED = ['run', 'incoming-handler', 'timezone'];

let bytes: Uint8Array;
let all: ComponentType;

beforeAll(async () => {
  const folder = new URL(`../lib/wit/builtin/${VERSION}/`, import.meta.resolve('@bytecodealliance/jco'));
  const imports: string[] = [];
  let packages = '';
  for (const name of PACKAGES) {
    const text = await readFile(fileURLToPath(new URL(`wasi-${name}/package.wit`, folder)), 'utf8');
    for (const [, one] of text.matchAll(/^interface ([a-z-]+)/gm)) {
      if (!NOT_IMPORTED.includes(one!)) imports.push(`import wasi:${name}/${one}@${VERSION};`);
    }
    packages += `${text.replace(/^package (\S+);/m, 'package $1 {')}\n}\n`;
  }
  const witSource = `package test:all;\nworld all {\n${imports.join('\n')}\n}\n${packages}`;
  bytes = await componentNew(await componentEmbed({ dummy: true, witSource, world: 'all' }));
  all = describeComponent(bytes);
});

const make = (type: ComponentType) =>
  makeWasi(type, { clock: new ManualClock(), grants: NO_GRANTS, writeLine: () => {} });

test('a component that imports all of WASI is admitted and instantiated', async () => {
  expect(all.imports.length).toBeGreaterThan(25);
  checkImports(all, {});
  const component = await compileComponent(bytes);
  component.instantiate(make(component.type).imports);
});

test('types are those of the WIT', () => {
  const found: Record<string, Record<string, string>> = {};
  for (const { name, type } of all.imports) {
    const unversioned = name.split('@')[0]!;
    if (/^wasi:(sockets|http)/.test(name) || type.kind !== 'instance') continue;
    found[unversioned] = {};
    for (const member of type.exports) {
      if (member.type.kind === 'func') found[unversioned][member.name] = signature(member.type);
    }
  }
  expect(wasiInterfaces).toEqual(found);
});

describe('HTTP', () => {
  test('a request is denied', () => {
    const { imports } = make(all);
    // biome-ignore lint/suspicious/noExplicitAny: what a guest would see.
    const http = (name: string) => imports[`wasi:http/${name}@${VERSION}`] as any;
    const request = new (http('types').OutgoingRequest)(new (http('types').Fields)());
    const error = caught(() => http('outgoing-handler').handle(request, undefined));
    expect(error).toBeInstanceOf(ComponentError);
    expect(error).toMatchObject({ payload: { tag: 'HTTP-request-denied' } });
  });
});

const described = async (text: string) => describeComponent(await parse(`(component ${text})`));

test.each(['0.2.0', '0.2.3', '0.2.99'])('version %s will do', async (version) => {
  const name = `wasi:clocks/wall-clock@${version}`;
  const type = await described(`(import "${name}" (instance
    (type $d (record (field "seconds" u64) (field "nanoseconds" u32))) (export "datetime" (type $e (eq $d)))
    (export "now" (func (result $e)))))`);
  checkImports(type, {});
  const clock = make(type).imports[name] as { now(): unknown };
  expect(clock.now()).toEqual({ seconds: BigInt(Date.UTC(2026, 0, 1) / 1000), nanoseconds: 0 });
});

test('what a later version added refuses', async () => {
  const name = 'wasi:random/insecure@0.2.99';
  const type = await described(`(import "${name}" (instance
    (export "get-insecure-random-u64" (func (result u64))) (export "get-dice" (func (result u8)))))`);
  checkImports(type, {});
  const given = make(type).imports[name] as Record<string, () => unknown>;
  expect(given.getInsecureRandomU64!()).toEqual(expect.any(BigInt));
  expect(caught(() => given.getDice!())).toMatchObject({ code: 'WEIR_SANDBOX_NOT_GRANTED' });
});

test('a method that a later version added is denied by name', async () => {
  const type = await described(`(import "wasi:io/error@0.2.99" (instance
    (export "error" (type $e (sub resource))) (export "[method]error.cure" (func (param "self" (borrow $e))))))`);
  expect(caught(() => checkImports(type, {}))).toMatchObject({
    code: 'WEIR_SANDBOX_IMPORT_DENIED',
    message: expect.stringContaining('wasi:io/error@0.2.99#[method]error.cure'),
  });
});

test('a function of another type than WASI has is refused', async () => {
  const type = await described(
    '(import "wasi:random/insecure@0.2.0" (instance (export "get-insecure-random-u64" (func (result string)))))',
  );
  expect(caught(() => checkImports(type, {}))).toMatchObject({
    code: 'WEIR_SANDBOX_IMPORT_TYPE',
    message: expect.stringContaining('`func() -> string`; the host has `func() -> u64`'),
  });
});

test.each([
  'wasi:cli/environment@0.3.0',
  'wasi:cli/environment@0.2.0-rc-2023-12-05',
  'wasi:cli/constructor@0.2.0',
  'wasi:keyvalue/store@0.2.0',
  'wasi:cli/environment',
])('%s is denied', async (name) => {
  const type = await described(`(import "${name}" (instance (export "f" (func))))`);
  expect(caught(() => checkImports(type, {}))).toMatchObject({ code: 'WEIR_SANDBOX_IMPORT_DENIED' });
});
