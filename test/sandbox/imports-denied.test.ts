/** Deny by default: an import that is not offered is an error that names it and what would allow it. */
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, test } from 'vitest';
import { describeComponent } from '../../host/component/decode/describe.ts';
import { hostServices } from '../../host/extension/interfaces.ts';
import { checkImports, neededImports } from '../../host/sandbox/imports.ts';

const check = async (imports: string) =>
  checkImports(describeComponent(await parse(`(component ${imports})`)), hostServices);

test('host services pass', async () => {
  await check(`
    (import "weir:extension/clock@0.1.0" (instance
      (export "now-ms" (func (result u64)))))`);
});

test('every import that is not granted is named', async () => {
  await expect(
    check(`
      (import "wasi:tls/types@0.2.0" (instance (export "connect" (func))))
      (import "weir:extension/clock@0.1.0" (instance (export "now-ms" (func (result u64)))))
      (import "wasi:cli/environment@0.3.0" (instance (export "get-environment" (func (result (list (tuple string string)))))))`),
  ).rejects.toMatchObject({
    code: 'WEIR_SANDBOX_IMPORT_DENIED',
    message: 'the component imports wasi:tls/types@0.2.0, wasi:cli/environment@0.3.0, which is not granted',
    hint: 'this host has WASI 0.2: io, clocks, cli, random, filesystem, and sockets and http that refuse',
  });
});

test('an import of another version is told which version there is', async () => {
  await expect(
    check('(import "weir:extension/log@0.9.0" (instance (export "write" (func))))'),
  ).rejects.toMatchObject({
    code: 'WEIR_SANDBOX_IMPORT_DENIED',
    hint: 'this host offers weir:extension/log@0.1.0: build the component against that version',
  });
});

test('a function that the interface does not have is named', async () => {
  await expect(
    check('(import "weir:extension/clock@0.1.0" (instance (export "stop-time" (func))))'),
  ).rejects.toMatchObject({
    code: 'WEIR_SANDBOX_IMPORT_DENIED',
    message: expect.stringContaining('weir:extension/clock@0.1.0#stop-time'),
  });
});

test('a function of another type is refused with both types', async () => {
  await expect(
    check('(import "weir:extension/clock@0.1.0" (instance (export "now-ms" (func (result u32)))))'),
  ).rejects.toMatchObject({
    code: 'WEIR_SANDBOX_IMPORT_TYPE',
    message:
      'the component imports weir:extension/clock@0.1.0#now-ms as `func() -> u32`; the host has `func() -> u64`',
  });
});

test.each([
  ['a bare function', '(import "run" (func))'],
  ['a core module', '(import "m" (core module))'],
  ['a resource', '(import "r" (type (sub resource)))'],
  ['a name that every object has', '(import "constructor" (func))'],
])('%s is denied', async (_, text) => {
  await expect(check(text)).rejects.toMatchObject({ code: 'WEIR_SANDBOX_IMPORT_DENIED' });
});

test('an interface of types alone needs no grant', async () => {
  const text = `(import "weir:capability/types@0.1.0" (instance
    (type $k (enum "a" "b")) (export "kind" (type (eq $k)))))`;
  await check(text);
  expect(neededImports(describeComponent(await parse(`(component ${text})`)))).toEqual([]);
});
