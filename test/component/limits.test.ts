/** What an instance may make the host do: the limits hold at their boundary, and passing one poisons. */
import { beforeAll, describe, expect, test } from 'vitest';
import { compileComponent } from '../../host/component/compile.ts';
import type { Component, InstanceLimits } from '../../host/component/component.ts';
import { makeComponent } from './make-component.ts';

const wit = `package test:limits@1.0.0;
interface sink {
  variant bit { zero, one }
  take: func(lists: list<list<u8>>);
  give: func(bytes: u32) -> string;
}
interface source {
  variant bit { zero, one }
  resource thing;
  bytes: func(length: u32) -> list<u8>;
  text: func(length: u32) -> string;
  words: func(length: u32) -> list<u32>;
  bits: func(length: u32) -> list<bit>;
  /** So many lists that are all the same. */
  aliased: func(lists: u32, bytes: u32) -> list<list<u8>>;
  send-aliased: func(lists: u32, bytes: u32);
  ask: func(bytes: u32);
  length: func(text: string) -> u32;
  size: func(bytes: list<u8>) -> u32;
  handles: func(count: u32);
  drop-handles: func(count: u32);
}
world guest { import sink; export source; }`;

const S = 'test:limits/source@1.0.0';
const core = `(module
  (import "test:limits/sink@1.0.0" "take" (func $take (param i32 i32)))
  (import "test:limits/sink@1.0.0" "give" (func $give (param i32 i32)))
  (import "[export]${S}" "[resource-new]thing" (func $new (param i32) (result i32)))
  (import "[export]${S}" "[resource-drop]thing" (func $drop (param i32)))
  (memory (export "memory") 64)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1048576)
  (func $region (param $length i32) (result i32)
    (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (local.get $length)) i32.const 0)
  (func (export "${S}#bytes") (param i32) (result i32) (call $region (local.get 0)))
  (func (export "${S}#text") (param i32) (result i32) (call $region (local.get 0)))
  (func (export "${S}#words") (param i32) (result i32) (call $region (local.get 0)))
  (func (export "${S}#bits") (param i32) (result i32) (call $region (local.get 0)))
  (func $alias (param $lists i32) (param $bytes i32) (local $at i32)
    (local.set $at (i32.add (i32.const 65536) (i32.mul (local.get $lists) (i32.const 8))))
    (block $done (loop $again
      (br_if $done (i32.le_u (local.get $at) (i32.const 65536)))
      (local.set $at (i32.sub (local.get $at) (i32.const 8)))
      (i32.store (local.get $at) (i32.const 2097152))
      (i32.store offset=4 (local.get $at) (local.get $bytes))
      (br $again))))
  (func (export "${S}#aliased") (param i32 i32) (result i32)
    (call $alias (local.get 0) (local.get 1)) (call $region (local.get 0)))
  (func (export "${S}#send-aliased") (param i32 i32)
    (call $alias (local.get 0) (local.get 1)) (call $take (i32.const 65536) (local.get 0)))
  (func (export "${S}#ask") (param i32) (call $give (local.get 0) (i32.const 16)))
  (func (export "${S}#length") (param i32 i32) (result i32) local.get 1)
  (func (export "${S}#size") (param i32 i32) (result i32) local.get 1)
  (func (export "${S}#handles") (param i32)
    (block $done (loop $again
      (br_if $done (i32.eqz (local.get 0)))
      (drop (call $new (local.get 0)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br $again))))
  (func (export "${S}#drop-handles") (param i32)
    (block $done (loop $again
      (br_if $done (i32.eqz (local.get 0)))
      (call $drop (local.get 0))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br $again)))))`;

interface Source {
  bytes(length: number): Uint8Array;
  text(length: number): string;
  words(length: number): Uint32Array;
  bits(length: number): unknown[];
  aliased(lists: number, bytes: number): Uint8Array[];
  sendAliased(lists: number, bytes: number): void;
  ask(bytes: number): void;
  length(text: string): number;
  size(bytes: Uint8Array): number;
  handles(count: number): void;
  dropHandles(count: number): void;
}

let component: Component;
let taken: Uint8Array[] = [];

beforeAll(async () => {
  component = await compileComponent(await makeComponent({ wit, world: 'guest', core }));
});

function source(limits: InstanceLimits): Source {
  const take = (lists: Uint8Array[]) => {
    taken = lists;
  };
  const give = (bytes: number) => 'x'.repeat(bytes);
  const instance = component.instantiate({ 'test:limits/sink@1.0.0': { take, give } }, { limits });
  return instance.exports[S] as unknown as Source;
}

const trap = (kind: string) => expect.objectContaining({ code: 'WEIR_COMPONENT_TRAP', kind });

describe('transfer: bytes of one string or list', () => {
  const limits = { transferBytes: 1000 };

  test.each([
    ['bytes', 1],
    ['text', 1],
    ['words', 4],
    ['bits', 1],
  ] as const)('%s from a guest', (name, width) => {
    const guest = source(limits);
    expect(guest[name](1000 / width - 1)).toHaveLength(1000 / width - 1);
    expect(guest[name](1000 / width)).toHaveLength(1000 / width);
    expect(() => guest[name](1000 / width + 1)).toThrow(trap('too-long'));
    expect(() => guest[name](1)).toThrow(expect.objectContaining({ code: 'WEIR_COMPONENT_POISONED' }));
  });

  test('to a guest: the caller is wrong, and the instance goes on', () => {
    const guest = source(limits);
    expect(guest.length('x'.repeat(999))).toBe(999);
    expect(guest.length('ä'.repeat(500))).toBe(1000);
    expect(() => guest.length('ä'.repeat(501))).toThrow(TypeError);
    expect(() => guest.length('x'.repeat(1001))).toThrow(/a string of at most 1000 bytes/);
    expect(guest.size(new Uint8Array(1000))).toBe(1000);
    expect(() => guest.size(new Uint8Array(1001))).toThrow(
      /parameter `bytes`: expected a list of at most 1000 bytes, got an array of 1001 bytes/,
    );
    expect(guest.size(new Uint8Array(999))).toBe(999);
  });

  test('from the host to a guest that asked: the host is wrong', () => {
    const guest = source(limits);
    guest.ask(1000);
    expect(() => guest.ask(1001)).toThrow(trap('wrong-value'));
  });
});

describe('lift: bytes of the host that one call takes', () => {
  test('the same list named many times is counted as often', () => {
    const guest = source({ liftBytes: 1_000_000 });
    expect(guest.aliased(10, 90_000)).toHaveLength(10);
    expect(() => guest.aliased(10, 100_000)).toThrow(trap('lift-budget'));
    // 1 GiB for 8 KiB of guest memory, but for the limit.
    expect(() => source({ liftBytes: 1_000_000 }).aliased(1024, 1 << 20)).toThrow(trap('lift-budget'));
  });

  test('arguments of imports are counted too, each call by itself', () => {
    const guest = source({ liftBytes: 1_000_000 });
    for (let i = 0; i < 5; i++) guest.sendAliased(10, 90_000);
    expect(taken).toHaveLength(10);
    expect(() => guest.sendAliased(10, 100_000)).toThrow(trap('lift-budget'));
  });

  test('one byte that becomes an object counts as an object', () => {
    const guest = source({ liftBytes: 1_000_000 });
    expect(guest.bits(20_000)).toHaveLength(20_000);
    expect(() => guest.bits(21_000)).toThrow(trap('lift-budget'));
  });

  test('the limit is exact', () => {
    // A list of bytes costs 256 bytes and its length.
    const guest = source({ liftBytes: 10_256 });
    expect(guest.bytes(9_999)).toHaveLength(9_999);
    expect(guest.bytes(10_000)).toHaveLength(10_000);
    expect(() => guest.bytes(10_001)).toThrow(trap('lift-budget'));
  });

  test('what is counted is no less than what V8 takes', () => {
    const liftBytes = 64 << 20;
    const before = process.memoryUsage();
    const lists = source({ liftBytes }).aliased(100_000, 100);
    const bits = source({ liftBytes }).bits(1_000_000);
    const after = process.memoryUsage();
    const held = after.heapUsed - before.heapUsed + (after.external - before.external);
    expect(held).toBeLessThan(2 * liftBytes);
    expect(lists.length + bits.length).toBe(1_100_000);
  });
});

describe('handles', () => {
  test('as many as the limit may be live at one time', () => {
    const guest = source({ handles: 100 });
    guest.handles(99);
    guest.dropHandles(99);
    guest.handles(100);
    expect(() => guest.handles(1)).toThrow(trap('too-many-handles'));
  });
});

test('a memory is full when it cannot grow by a page', async () => {
  const sized = async (maximum: number) =>
    (
      await compileComponent(
        await makeComponent({
          wit: 'package test:full@1.0.0; world guest { export f: func(); }',
          world: 'guest',
          core: `(module (memory (export "memory") 2 ${maximum}) (func (export "f")))`,
        }),
      )
    ).instantiate({});
  expect((await sized(2)).memoryIsFull()).toBe(true);
  expect((await sized(3)).memoryIsFull()).toBe(false);
});
