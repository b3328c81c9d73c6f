/** What a guest may try at the border: swallow a fault, move its memory, block where it must not. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { compileComponent } from '../../host/component/compile.ts';
import type { Component } from '../../host/component/component.ts';
import { PoisonedError, TrapError } from '../../host/component/errors.ts';
import { makeComponent } from './make-component.ts';

const wit = `
package test:escape@1.0.0;
interface host {
  fail: func();
  wait: async func() -> u32;
}
interface guest {
  swallow: func() -> u32;
  echo: func(bytes: list<u8>, text: string) -> tuple<list<u8>, string>;
  ask: func() -> u32;
  ask-slowly: async func() -> u32;
  now: func() -> u32;
}
world all { import host; export guest; }`;

/** `realloc` takes a new page for each block, so that memory grows while a value is being lowered. */
const core = `(module
  (import "test:escape/host@1.0.0" "fail" (func $fail))
  (import "test:escape/host@1.0.0" "wait" (func $wait (result i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
  (func (export "test:escape/guest@1.0.0#swallow") (result i32)
    (block $caught (try_table (catch_all $caught) (call $fail)))
    i32.const 1)
  (func (export "test:escape/guest@1.0.0#echo") (param i32 i32 i32 i32) (result i32)
    (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1))
    (i32.store (i32.const 24) (local.get 2)) (i32.store (i32.const 28) (local.get 3))
    i32.const 16)
  (func (export "test:escape/guest@1.0.0#ask") (result i32) (call $wait))
  (func (export "test:escape/guest@1.0.0#ask-slowly") (result i32) (call $wait))
  (func (export "test:escape/guest@1.0.0#now") (result i32) i32.const 7))`;

const HOST = 'test:escape/host@1.0.0';
const GUEST = 'test:escape/guest@1.0.0';

let component: Component;

beforeAll(async () => {
  component = await compileComponent(await makeComponent({ wit, world: 'all', core }));
});

function instantiate(wait: () => unknown) {
  const fail = () => {
    throw new RangeError('of the host');
  };
  return component.instantiate({ [HOST]: { fail, wait } });
}

test('a handler for all exceptions does not catch the fault of an import', () => {
  const instance = instantiate(() => 1);
  expect(() => instance.exports[GUEST]!.swallow()).toThrow(TrapError);
  expect(() => instance.exports[GUEST]!.now()).toThrow(PoisonedError);
});

test('memory may grow while a value is lowered', () => {
  const guest = instantiate(() => 1).exports[GUEST]!;
  const bytes = Uint8Array.from({ length: 70 }, (_, i) => i);
  for (let i = 0; i < 3; i++) expect(guest.echo(bytes, 'Grüße, 世界')).toEqual([bytes, 'Grüße, 世界']);
});

test('a plain func may call an async import that is ready, and must not wait for one that is not', () => {
  expect(instantiate(() => 5).exports[GUEST]!.ask()).toBe(5);
  const guest = instantiate(() => new Promise(() => {})).exports[GUEST]!;
  expect(() => guest.ask()).toThrow(/async func/);
  expect(() => guest.now()).toThrow(PoisonedError);
});

test('plain calls enter while a task is suspended, and tasks queue', async () => {
  const answers: ((value: number) => void)[] = [];
  const guest = instantiate(() => new Promise((resolve) => answers.push(resolve))).exports[GUEST]!;
  const first = guest.askSlowly();
  const second = guest.askSlowly();
  expect(guest.now()).toBe(7);
  expect(answers).toHaveLength(1);
  answers[0]!(1);
  expect(await first).toBe(1);
  await expect.poll(() => answers.length).toBe(2);
  answers[1]!(2);
  expect(await second).toBe(2);
});

test('a poisoned instance ends its suspended calls', async () => {
  const instance = instantiate(() => new Promise(() => {}));
  const call = instance.exports[GUEST]!.askSlowly();
  instance.poison(new RangeError('enough'));
  await expect(call).rejects.toThrow(PoisonedError);
});

test('calls work where code generation from strings is disallowed', async () => {
  const script = `
    import { compileComponent } from './host/component/compile.ts';
    const bytes = new Uint8Array(Buffer.from(process.env.COMPONENT, 'base64'));
    const component = await compileComponent(bytes);
    const { exports } = component.instantiate({ '${HOST}': { fail() {}, wait: async () => 3 } });
    const guest = exports['${GUEST}'];
    console.log(JSON.stringify([guest.now(), Array.from(guest.echo([1, 2], 'hi')[0]), await guest.askSlowly()]));`;
  const bytes = await makeComponent({ wit, world: 'all', core });
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--disallow-code-generation-from-strings', '--input-type=module', '--eval', script],
    { env: { ...process.env, COMPONENT: Buffer.from(bytes).toString('base64') } },
  );
  expect(JSON.parse(stdout)).toEqual([7, [1, 2], 3]);
});
