import { expect, test } from 'vitest';
import { ComponentError } from '../../host/component/index.ts';
import { buildOwnWorld, instantiate } from './scratch-guest.ts';

const wit = `package test:memory;
interface work {
  record item { name: string, tags: list<string>, blob: list<u8>, more: option<list<tuple<string, u32>>> }
  variant answer { items(list<item>), text(string), nothing }
  mix: func(items: list<item>, extra: string) -> result<answer, string>;
  bytes: func(data: list<u8>) -> list<u8>;
  text: func(text: string) -> string;
  churn: func(n: u32) -> u32;
  keep: func(text: string) -> u32;
}
interface host { take: func(items: list<string>, data: list<u8>) -> list<string>; }
world w { import host; export work; }`;

const source = `
import { Answer, Item } from './generated/work';
import { Result, Tuple2 } from './generated/wit';
import * as host from './generated/host';
const kept = new Map<string, Uint8Array>();
export function mix(items: Array<Item>, extra: string): Result<Answer, string> {
  if (items.length == 0) return Result.err<Answer, string>('none: ' + extra);
  const given: string[] = [];
  for (let i = 0; i < items.length; i++) given.push(items[i].name + extra);
  const names = host.take(given, items[0].blob);
  items.push(new Item(names.join(','), names, new Uint8Array(50), [new Tuple2<string, u32>(extra, 3)]));
  return Result.ok<Answer, string>(Answer.items(items));
}
export function bytes(data: Uint8Array): Uint8Array { const out = new Uint8Array(data.length); out.set(data); return out; }
export function text(text: string): string { return text + '!'; }
export function churn(n: u32): u32 { let s = ''; for (let i: u32 = 0; i < n; i++) s = i.toString() + s.substring(0, 100); return s.length; }
export function keep(text: string): u32 { kept.set(text, new Uint8Array(100)); if (kept.size > 1000) kept.clear(); return kept.size; }
`;

test('a million calls leave memory as large as the first thousand', async () => {
  const guest = await buildOwnWorld(wit, source);
  const take = (items: string[]) => items.concat('from the host');
  const instance = await instantiate(guest, { 'test:memory/host': { take } });
  const { mix, bytes, text, churn, keep } = instance.exports['test:memory/work']!;
  const item = { name: 'n', tags: ['a', 'bb'], blob: new Uint8Array(20), more: [['x', 1]] };
  const data = new Uint8Array(3000);
  const round = (i: number) => {
    // Calls are weighted so that the million is done in seconds: the cheapest most often.
    for (let n = 0; n < 90; n++) text('some text');
    for (let n = 0; n < 6; n++) keep(`key ${(i * 6 + n) % 5000}`);
    bytes(data);
    churn(10);
    mix([item, item], 'é');
    try {
      mix([], 'x');
      expect.fail('an empty list is refused');
    } catch (error) {
      if (!(error instanceof ComponentError)) throw error;
    }
  };
  for (let i = 0; i < 100; i++) round(i);
  const before = instance.memoryBytes();
  for (let i = 0; i < 10_000; i++) round(i);
  expect(instance.memoryBytes()).toBe(before);
  expect(before).toBeLessThan(1024 * 1024);
}, 60_000);

test('the garbage of one call is collected within it', async () => {
  const guest = await buildOwnWorld(wit, source);
  const instance = await instantiate(guest, { 'test:memory/host': { take: () => [] } });
  instance.exports['test:memory/work']!.churn(1_000_000); // 200 MB of strings
  expect(instance.memoryBytes()).toBeLessThan(1024 * 1024);
});

test('what a guest keeps survives the calls that follow', async () => {
  const guest = await buildOwnWorld(
    `package test:kept;
     interface kept { put: func(key: string, value: list<u8>); get: func(key: string) -> option<list<u8>>; waste: func() -> list<string>; }
     world w { export kept; }`,
    `const map = new Map<string, Uint8Array>();
     export function put(key: string, value: Uint8Array): void { map.set(key, value); }
     export function get(key: string): Uint8Array | null { return map.has(key) ? map.get(key) : null; }
     export function waste(): Array<string> { const a: string[] = []; for (let i = 0; i < 1000; i++) a.push(i.toString()); return a; }`,
  );
  const { put, get, waste } = (await instantiate(guest)).exports['test:kept/kept']!;
  for (let i = 0; i < 500; i++)
    put(
      `key ${i}`,
      Uint8Array.from({ length: i }, (_, at) => at + i),
    );
  for (let i = 0; i < 200; i++) expect(waste()).toHaveLength(1000);
  for (let i = 0; i < 500; i++) {
    expect(get(`key ${i}`)).toEqual(Uint8Array.from({ length: i }, (_, at) => at + i));
  }
});
