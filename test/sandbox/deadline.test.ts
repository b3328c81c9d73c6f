/** Whatever makes guest code run, it runs under its instance's deadline. */
import { expect, test } from 'vitest';
import type { Imports, Instance } from '../../host/component/component.ts';
import { DEFAULT_LIMITS } from '../../host/config/model.ts';
import { compileSandboxed } from '../../host/sandbox/compile.ts';
import { Deadline } from '../../host/sandbox/deadline.ts';
import { makeComponent } from '../component/make-component.ts';

const DEADLINE = 40;

const wit = `package test:t@1.0.0;
interface host { pause: async func(ms: u32) -> string; }
interface guest {
  resource thing { constructor(); }
  take: func(text: string);
  give: func() -> string;
  pause-and: async func(what: u32) -> u32;
}
world w { import host; export guest; }`;

/** `spins` names what never returns. */
async function instance(
  spins: string,
  imports: Imports = {},
): Promise<{ instance: Instance; deadline: Deadline }> {
  const spin = (name: string) => (name === spins ? '(loop (br 0))' : '');
  const core = `(module
    (import "test:t/host@1.0.0" "pause" (func $pause (param i32 i32)))
    (import "[export]test:t/guest@1.0.0" "[resource-new]thing" (func $new (param i32) (result i32)))
    (memory (export "memory") 1)
    (func $leaf)
    (func $start (call $leaf) ${spin('start')})
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (call $leaf) ${spin('realloc')} (i32.const 1024))
    (func (export "test:t/guest@1.0.0#[constructor]thing") (result i32) (call $new (i32.const 1)))
    (func (export "test:t/guest@1.0.0#[dtor]thing") (param i32) (call $leaf) ${spin('destructor')})
    (func (export "test:t/guest@1.0.0#take") (param i32 i32) (call $leaf))
    (func (export "test:t/guest@1.0.0#give") (result i32) (i32.store (i32.const 8) (i32.const 64)) (i32.const 8))
    (func (export "cabi_post_test:t/guest@1.0.0#give") (param i32) (call $leaf) ${spin('post-return')})
    (func $more (param $rounds i32)
      (loop $again (call $leaf)
        (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
        (br_if $again (local.get $rounds))))
    (func (export "test:t/guest@1.0.0#pause-and") (param $what i32) (result i32)
      (call $pause (i32.const 10) (i32.const 16))
      (call $more (i32.const 1000))
      (call $pause (i32.const 10) (i32.const 16))
      (call $more (i32.const 1000))
      (if (local.get $what) (then ${spin('resumed')}))
      (local.get $what))
    (start $start))`;
  const component = await compileSandboxed(await makeComponent({ wit, world: 'w', core }), DEFAULT_LIMITS);
  const deadline = new Deadline(DEADLINE);
  return {
    instance: component.instantiate(
      { 'test:t/host@1.0.0': { pause: async () => 'x' }, ...imports },
      { guard: deadline },
    ),
    deadline,
  };
}

type Guest = {
  Thing: new () => Disposable;
  take(text: string): void;
  give(): string;
  pauseAnd(what: number): Promise<number>;
};
const guest = (of: Instance) => of.exports['test:t/guest@1.0.0'] as unknown as Guest;

test('what does not spin is not stopped', async () => {
  const { instance: one, deadline } = await instance('nothing');
  guest(one).take('text');
  expect(guest(one).give()).toBe('');
  const thing = new (guest(one).Thing)();
  thing[Symbol.dispose]();
  expect(await guest(one).pauseAnd(7)).toBe(7);
  expect(await Promise.all([guest(one).pauseAnd(1), guest(one).pauseAnd(2)])).toEqual([1, 2]);
  expect(one.poisonedBy).toBeUndefined();
  expect(deadline.stopped()).toBe(false);
});

test.each<[string, (of: Guest) => unknown]>([
  ['realloc', (of) => of.take('text')],
  ['post-return', (of) => of.give()],
  ['destructor', (of) => new of.Thing()[Symbol.dispose]()],
])('an endless %s is stopped', async (name, act) => {
  const { instance: one, deadline } = await instance(name);
  expect(() => act(guest(one))).toThrow();
  expect(deadline.stopped()).toBe(true);
  expect(one.poisonedBy).toBeDefined();
});

test('an endless start function is stopped', async () => {
  await expect(instance('start')).rejects.toMatchObject({ kind: 'deadline' });
});

test('a guest that was suspended has its time again when it is resumed, and no more', async () => {
  const pause = () => new Promise<string>((resolve) => setTimeout(resolve, DEADLINE * 2, 'x'));
  const { instance: one, deadline } = await instance('resumed', { 'test:t/host@1.0.0': { pause } });
  expect(await guest(one).pauseAnd(0)).toBe(0);
  await expect(guest(one).pauseAnd(1)).rejects.toThrow();
  expect(deadline.stopped()).toBe(true);
});

test('a realloc for the result of an import that was waited for runs under the deadline too', async () => {
  const { instance: one, deadline } = await instance('realloc');
  await expect(guest(one).pauseAnd(0)).rejects.toThrow();
  expect(deadline.stopped()).toBe(true);
});
