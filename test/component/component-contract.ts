/**
 * What every backend behind `compileComponent` promises (`host/component/component.ts`), as tests
 * over a `compile` function. Byte-level matters of one backend are tested elsewhere.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { compileComponent } from '../../host/component/compile.ts';
import type { Component, Imports } from '../../host/component/component.ts';
import {
  ComponentError,
  DecodeError,
  LinkError,
  PoisonedError,
  TrapError,
} from '../../host/component/errors.ts';
import { makeComponent } from './make-component.ts';

const wit = `
package test:contract@1.0.0;
interface services {
  note: func(text: string);
  find: func(key: string) -> result<u32, string>;
}
interface calls {
  add: func(a: u32, b: u32) -> u32;
  count: func() -> u32;
  must-be-odd: func(n: u32) -> result<u32, string>;
  trap: func();
  bad-string: func() -> string;
  bad-choice: func() -> option<u8>;
  tell: func();
  ask: func() -> result<u32, string>;
  grow: func(pages: u32) -> s32;
  wait: async func() -> u32;
  swallow: func();
}
world guest {
  import services;
  export calls;
  export version: func() -> u32;
}`;

const core = `(module
  (import "test:contract/services@1.0.0" "note" (func $note (param i32 i32)))
  (import "test:contract/services@1.0.0" "find" (func $find (param i32 i32 i32)))
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 0))
  (data (i32.const 256) "even")
  (data (i32.const 272) "hello")
  (data (i32.const 288) "\\ff\\fe")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 4096)
  (func (export "version") (result i32) i32.const 7)
  (func (export "test:contract/calls@1.0.0#add") (param i32 i32) (result i32)
    local.get 0 local.get 1 i32.add)
  (func (export "test:contract/calls@1.0.0#count") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    global.get $count)
  (func (export "test:contract/calls@1.0.0#must-be-odd") (param $n i32) (result i32)
    (if (i32.and (local.get $n) (i32.const 1))
      (then (i32.store8 (i32.const 64) (i32.const 0)) (i32.store (i32.const 68) (local.get $n)))
      (else
        (i32.store8 (i32.const 64) (i32.const 1))
        (i32.store (i32.const 68) (i32.const 256))
        (i32.store (i32.const 72) (i32.const 4))))
    i32.const 64)
  (func (export "test:contract/calls@1.0.0#trap") unreachable)
  (func (export "test:contract/calls@1.0.0#bad-string") (result i32)
    (i32.store (i32.const 64) (i32.const 288)) (i32.store (i32.const 68) (i32.const 2)) i32.const 64)
  (func (export "test:contract/calls@1.0.0#bad-choice") (result i32)
    (i32.store8 (i32.const 64) (i32.const 9)) i32.const 64)
  (func (export "test:contract/calls@1.0.0#tell") (call $note (i32.const 272) (i32.const 5)))
  (func (export "test:contract/calls@1.0.0#ask") (result i32)
    (call $find (i32.const 272) (i32.const 5) (i32.const 64)) i32.const 64)
  (func (export "test:contract/calls@1.0.0#grow") (param i32) (result i32) local.get 0 memory.grow)
  (func (export "test:contract/calls@1.0.0#swallow")
    (block $caught (try_table (catch_all $caught) (call $note (i32.const 272) (i32.const 5)))))
  (func (export "test:contract/calls@1.0.0#wait") (result i32) i32.const 42))`;

export const CALLS = 'test:contract/calls@1.0.0';
export const SERVICES = 'test:contract/services@1.0.0';

export function componentContract(backend: string, compile: typeof compileComponent): void {
  describe(`a component compiled by ${backend}`, () => {
    let bytes: Uint8Array;
    let component: Component;
    const services = (over: Record<string, unknown> = {}): Imports => ({
      [SERVICES]: { note: () => {}, find: () => 1, ...over },
    });
    const calls = (imports: Imports = services()) => component.instantiate(imports).exports[CALLS]!;

    beforeAll(async () => {
      bytes = await makeComponent({ wit, world: 'guest', core });
      component = await compile(bytes);
    });

    test('tells its digest and size', () => {
      expect(component.digest).toMatch(/^[0-9a-f]{64}$/);
      expect(component.byteLength).toBe(bytes.byteLength);
    });

    test('exports interfaces by full name and world functions by camelCase name', () => {
      const { exports } = component.instantiate(services());
      expect(exports[CALLS]!.add(2, 3)).toBe(5);
      expect((exports as unknown as { version(): number }).version()).toBe(7);
    });

    test('gives each instance a memory and state of its own', () => {
      const one = calls();
      const other = calls();
      one.count();
      expect(one.count()).toBe(2);
      expect(other.count()).toBe(1);
    });

    test('counts the bytes of linear memory', () => {
      const instance = component.instantiate(services());
      expect(instance.memoryBytes()).toBe(65_536);
      instance.exports[CALLS]!.grow(2);
      expect(instance.memoryBytes()).toBe(3 * 65_536);
    });

    test('compiles what the rewriting hook returns in place of each core module', async () => {
      let seen = 0;
      await compile(bytes, {
        rewriteCoreModule(module) {
          expect([...module.subarray(0, 4)]).toEqual([0x00, 0x61, 0x73, 0x6d]);
          seen++;
          return { bytes: module };
        },
      });
      expect(seen).toBeGreaterThan(0);
    });

    test('throws ComponentError with the payload for an err, and stays usable', () => {
      const guest = calls();
      expect(guest.mustBeOdd(3)).toBe(3);
      const error = caught(() => guest.mustBeOdd(4));
      expect(error).toBeInstanceOf(ComponentError);
      expect((error as ComponentError).payload).toBe('even');
      expect(guest.mustBeOdd(5)).toBe(5);
    });

    test('a trap is a TrapError with the cause, told once, and poisons', () => {
      const told: unknown[] = [];
      const instance = component.instantiate(services(), { onPoison: (cause) => told.push(cause) });
      const error = caught(() => instance.exports[CALLS]!.trap());
      expect(error).toBeInstanceOf(TrapError);
      expect((error as TrapError).cause).toBeInstanceOf(WebAssembly.RuntimeError);
      expect(instance.poisonedBy).toBe(error);
      expect(caught(() => instance.exports[CALLS]!.add(1, 1))).toBeInstanceOf(PoisonedError);
      expect(told).toEqual([error]);
    });

    test.each(['badString', 'badChoice'])('a bad value from the guest (%s) traps and poisons', (name) => {
      const instance = component.instantiate(services());
      expect(caught(() => instance.exports[CALLS]![name]())).toBeInstanceOf(TrapError);
      expect(caught(() => instance.exports[CALLS]!.count())).toBeInstanceOf(PoisonedError);
    });

    test('a trap of one instance leaves the others alone', () => {
      const one = calls();
      const other = calls();
      caught(() => one.trap());
      expect(other.count()).toBe(1);
    });

    test('lifts the arguments of imports and lowers their results', () => {
      const notes: string[] = [];
      const guest = calls(services({ note: (text: string) => notes.push(text), find: () => 12 }));
      guest.tell();
      expect(notes).toEqual(['hello']);
      expect(guest.ask()).toBe(12);
    });

    test('an import that throws ComponentError returns its err to the guest', () => {
      const guest = calls(
        services({
          find: () => {
            throw new ComponentError('no such key');
          },
        }),
      );
      const error = caught(() => guest.ask());
      expect((error as ComponentError).payload).toBe('no such key');
      expect(guest.count()).toBe(1);
    });

    test('an import that throws anything else poisons', () => {
      const mistake = new RangeError('of the host');
      const instance = component.instantiate(
        services({
          find: () => {
            throw mistake;
          },
        }),
      );
      const error = caught(() => instance.exports[CALLS]!.ask());
      expect(error).toBeInstanceOf(TrapError);
      expect((error as TrapError).cause).toBe(mistake);
      expect(caught(() => instance.exports[CALLS]!.count())).toBeInstanceOf(PoisonedError);
    });

    test('an import that throws poisons even if guest code catches it', () => {
      const mistake = new RangeError('of the host');
      const told: unknown[] = [];
      const throws = () => {
        throw mistake;
      };
      const instance = component.instantiate(services({ note: throws }), {
        onPoison: (cause) => told.push(cause),
      });
      // Whether this call itself returns or throws is left open: the guest takes it for a success.
      try {
        instance.exports[CALLS]!.swallow();
      } catch (error) {
        expect(error).toBeInstanceOf(TrapError);
      }
      expect(told).toEqual([expect.objectContaining({ cause: mistake })]);
      expect(caught(() => instance.exports[CALLS]!.count())).toBeInstanceOf(PoisonedError);
    });

    test('an import cannot enter the instance that called it', () => {
      const guest: Record<string, () => unknown> = {};
      const instance = component.instantiate(services({ note: () => guest.count!() }));
      Object.assign(guest, instance.exports[CALLS]);
      expect(caught(() => guest.tell!())).toBeInstanceOf(TrapError);
      expect(instance.poisonedBy).toBeDefined();
    });

    test('an instance that the host poisons is not entered again, and keeps the first reason', () => {
      const instance = component.instantiate(services());
      const reason = new Error('discarded');
      instance.poison(reason);
      instance.poison(new Error('later'));
      const error = caught(() => instance.exports[CALLS]!.count());
      expect(error).toBeInstanceOf(PoisonedError);
      expect((error as PoisonedError).cause).toBe(reason);
    });

    test('an async func returns a promise', async () => {
      const promise = calls().wait();
      expect(promise).toBeInstanceOf(Promise);
      expect(await promise).toBe(42);
    });

    test('a missing interface is a LinkError that names it', () => {
      const error = caught(() => component.instantiate({}));
      expect(error).toBeInstanceOf(LinkError);
      expect((error as LinkError).message).toContain('test:contract/services');
    });

    test('a missing function is a LinkError that names it', () => {
      const error = caught(() => component.instantiate({ [SERVICES]: { note: () => {} } }));
      expect(error).toBeInstanceOf(LinkError);
      expect((error as LinkError).message).toContain('find');
    });

    describe('refuses with a DecodeError', () => {
      test('an empty file', () => expect(compile(new Uint8Array())).rejects.toThrow(DecodeError));
      test('something else', () =>
        expect(compile(new TextEncoder().encode('version: weir/v1'))).rejects.toThrow(DecodeError));
      test('a core module, saying so', async () => {
        const module = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
        await expect(compile(module)).rejects.toThrow(/core module/);
        await expect(compile(module)).rejects.toThrow(DecodeError);
      });
      test('a component cut off within a section', async () => {
        for (const part of [4, 7, 9, 400, bytes.byteLength - 1]) {
          await expect(compile(bytes.subarray(0, part)), `${part} bytes`).rejects.toThrow(DecodeError);
        }
      });
    });
  });
}

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
