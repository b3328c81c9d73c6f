import { expect, test } from 'vitest';
import { buildOwnWorld, instantiate } from './scratch-guest.ts';

const wit = `package test:res;
interface store {
  resource table {
    constructor(name: string);
    put: func(key: string, value: u32);
    get: func(key: string) -> option<u32>;
    joined: static func(a: table, b: borrow<table>) -> table;
  }
  open: func(name: string) -> result<table, string>;
}
interface work {
  use store.{table};
  count: func(tables: list<table>) -> u32;
  put: func(into: borrow<table>, value: u32) -> option<u32>;
  make: func(name: string) -> table;
  merge: func(a: table, b: table) -> u32;
  fail: func() -> string;
}
world w { import store; export work; }`;

const source = `import { Table, open } from './generated/store';
import { Option } from './generated/wit';
export function count(tables: Array<Table>): u32 {
  let sum: u32 = 0;
  for (let i = 0; i < tables.length; i++) { sum += tables[i].get('n').unwrapOr(0); tables[i].drop(); }
  return sum;
}
export function put(into: Table, value: u32): Option<u32> { into.put('n', value); return into.get('n'); }
export function make(name: string): Table { const made = Table.create(name); made.put('n', 7); return made; }
export function merge(a: Table, b: Table): u32 { const both = Table.joined(a, b); b.drop(); const n = both.get('n').unwrap(); both.drop(); return n; }
export function fail(): string { const opened = open('none'); return opened.isErr ? opened.unwrapErr() : ''; }
`;

test('resources of the host: made, lent, given away and dropped', async () => {
  let live = 0;
  class Table {
    readonly entries = new Map<string, number>();
    constructor(readonly_name: string) {
      this.entries.set(readonly_name, 0);
      live++;
    }
    put(key: string, value: number) {
      this.entries.set(key, value);
    }
    get(key: string) {
      return this.entries.get(key);
    }
    static joined(a: Table, b: Table) {
      const made = new Table('joined');
      made.put('n', (a.get('n') ?? 0) + (b.get('n') ?? 0));
      a[Symbol.dispose]();
      return made;
    }
    [Symbol.dispose]() {
      live--;
    }
  }
  const { ComponentError } = await import('../../host/component/index.ts');
  const open = (name: string) => {
    throw new ComponentError(`no table ${name}`);
  };
  const guest = await buildOwnWorld(wit, source);
  const instance = await instantiate(guest, { 'test:res/store': { Table, open } });
  const work = instance.exports['test:res/work']!;
  const table = new Table('mine');
  expect(work.put(table, 5)).toBe(5);
  expect(work.put(table, 6)).toBe(6); // lent, and so still there
  const made: Table = work.make('theirs');
  expect(made.get('n')).toBe(7);
  expect(live).toBe(2);
  expect(work.merge(table, made)).toBe(13);
  expect(live).toBe(0);
  const three = [1, 2, 3].map((n) => {
    const one = new Table('x');
    one.put('n', n);
    return one;
  });
  expect(work.count(three)).toBe(6);
  expect(live).toBe(0);
  expect(work.fail()).toBe('no table none');
});
