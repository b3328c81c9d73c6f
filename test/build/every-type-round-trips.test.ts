import { describe, expect, test } from 'vitest';
import { buildOwnWorld, type EchoType, echoGuest, instantiate } from './scratch-guest.ts';

const declarations = `
  record point { x: s32, y: f64 }
  record all { a: bool, b: u8, c: s64, d: string, e: list<u8>, f: option<string>, g: tuple<u16, char>, h: color }
  record deep { points: list<point>, maybe: option<option<u32>>, inner: result<all, string> }
  enum color { red, dark-green, %type }
  flags mode { read, write, dry-run }
  flags many { a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21,
    a22, a23, a24, a25, a26, a27, a28, a29, a30, a31 }
  variant shape { nothing, dot(point), text(string), count(u64), ratio(f32), precise(f64), tags(list<string>), nested(result<_, color>) }
  type names = list<string>;
  type short = u16;
`;

/** A WIT type, its AssemblyScript type, and values that must come back. */
const cases: (EchoType & { values: unknown[] })[] = [
  { wit: 'bool', as: 'bool', values: [true, false] },
  { wit: 's8', as: 'i8', values: [0, 1, -1, 127, -128] },
  { wit: 'u8', as: 'u8', values: [0, 255] },
  { wit: 's16', as: 'i16', values: [0, -1, 32767, -32768] },
  { wit: 'u16', as: 'u16', values: [0, 65535] },
  { wit: 's32', as: 'i32', values: [0, -1, 2147483647, -2147483648] },
  { wit: 'u32', as: 'u32', values: [0, 4294967295] },
  { wit: 's64', as: 'i64', values: [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)] },
  { wit: 'u64', as: 'u64', values: [0n, 2n ** 64n - 1n] },
  { wit: 'f32', as: 'f32', values: [0, -0, 1.5, Number.POSITIVE_INFINITY, Number.NaN, Math.fround(0.1)] },
  { wit: 'f64', as: 'f64', values: [0, -0, 0.1, 5e-324, Number.NEGATIVE_INFINITY, Number.NaN] },
  { wit: 'char', as: 'u32', values: ['a', '\0', '\ud7ff', '\ue000', '😀'] },
  { wit: 'string', as: 'string', values: ['', 'a', 'grüße 😀', '\0', 'x'.repeat(10_000), 'ab\ud83d\ude00'] },
  { wit: 'list<u8>', as: 'Uint8Array', values: [new Uint8Array(), Uint8Array.of(1, 2, 255)] },
  { wit: 'list<s8>', as: 'Int8Array', values: [Int8Array.of(1, -2)] },
  { wit: 'list<u16>', as: 'Uint16Array', values: [Uint16Array.of(), Uint16Array.of(1, 65535)] },
  { wit: 'list<s16>', as: 'Int16Array', values: [Int16Array.of(1, -2)] },
  { wit: 'list<u32>', as: 'Uint32Array', values: [Uint32Array.of(1, 4294967295)] },
  { wit: 'list<s32>', as: 'Int32Array', values: [Int32Array.of(1, -1)] },
  { wit: 'list<u64>', as: 'Uint64Array', values: [BigUint64Array.of(1n, 2n ** 64n - 1n)] },
  { wit: 'list<s64>', as: 'Int64Array', values: [BigInt64Array.of(1n, -1n)] },
  { wit: 'list<f32>', as: 'Float32Array', values: [Float32Array.of(1.5, -0)] },
  { wit: 'list<f64>', as: 'Float64Array', values: [Float64Array.of(0.1)] },
  { wit: 'list<bool>', as: 'Array<bool>', values: [[], [true, false, true]] },
  { wit: 'list<char>', as: 'Uint32Array', values: [['a', '😀']] },
  { wit: 'list<string>', as: 'Array<string>', values: [[], ['', 'a', 'ß'], Array(1000).fill('many')] },
  { wit: 'list<list<u8>>', as: 'Array<Uint8Array>', values: [[Uint8Array.of(1), new Uint8Array()]] },
  { wit: 'list<list<list<string>>>', as: 'Array<Array<Array<string>>>', values: [[[['a'], []], []]] },
  {
    wit: 'list<point>',
    as: 'Array<Point>',
    values: [
      [
        { x: 1, y: 2 },
        { x: -1, y: 0.5 },
      ],
    ],
  },
  { wit: 'list<color>', as: 'Array<Color>', values: [['red', 'type', 'dark-green']] },
  { wit: 'list<option<u8>>', as: 'Array<Option<u8>>', values: [[1, undefined, 0]] },
  { wit: 'list<option<string>>', as: 'Array<string | null>', values: [['a', undefined, '']] },
  { wit: 'list<shape>', as: 'Array<Shape>', values: [[{ tag: 'nothing' }, { tag: 'text', val: 'x' }]] },
  { wit: 'tuple<u8>', as: 'Tuple1<u8>', values: [[7]] },
  { wit: 'tuple<string, string>', as: 'Tuple2<string, string>', values: [['a', 'b']] },
  {
    wit: 'tuple<u8, u64, string, point>',
    as: 'Tuple4<u8, u64, string, Point>',
    values: [[1, 2n, 'c', { x: 4, y: 5 }]],
  },
  { wit: 'option<u32>', as: 'Option<u32>', values: [undefined, 0, 5] },
  { wit: 'option<f32>', as: 'Option<f32>', values: [undefined, 0, 1.5] },
  { wit: 'option<color>', as: 'Option<Color>', values: [undefined, 'red'] },
  { wit: 'option<string>', as: 'string | null', values: [undefined, '', 'a'] },
  {
    wit: 'option<list<u8>>',
    as: 'Uint8Array | null',
    values: [undefined, new Uint8Array(), Uint8Array.of(1)],
  },
  { wit: 'option<point>', as: 'Point | null', values: [undefined, { x: 1, y: 2 }] },
  {
    wit: 'option<option<u32>>',
    as: 'Option<Option<u32>>',
    values: [{ tag: 'none' }, { tag: 'some', val: undefined }, { tag: 'some', val: 3 }],
  },
  {
    wit: 'option<option<string>>',
    as: 'Option<string | null>',
    values: [{ tag: 'none' }, { tag: 'some', val: undefined }, { tag: 'some', val: 'x' }],
  },
  {
    wit: 'tuple<result<u32, string>>',
    as: 'Tuple1<Result<u32, string>>',
    values: [[{ tag: 'ok', val: 1 }], [{ tag: 'err', val: 'e' }]],
  },
  { wit: 'tuple<result>', as: 'Tuple1<Result<Unit, Unit>>', values: [[{ tag: 'ok' }], [{ tag: 'err' }]] },
  {
    wit: 'tuple<result<_, f64>>',
    as: 'Tuple1<Result<Unit, f64>>',
    values: [[{ tag: 'ok' }], [{ tag: 'err', val: 0.5 }]],
  },
  {
    wit: 'tuple<result<list<string>>>',
    as: 'Tuple1<Result<Array<string>, Unit>>',
    values: [[{ tag: 'ok', val: ['a'] }], [{ tag: 'err' }]],
  },
  { wit: 'point', as: 'Point', values: [{ x: -1, y: 0.25 }] },
  { wit: 'color', as: 'Color', values: ['red', 'dark-green', 'type'] },
  {
    wit: 'mode',
    as: 'Mode',
    values: [
      { read: true, write: false, dryRun: true },
      { read: false, write: false, dryRun: false },
    ],
  },
  {
    wit: 'many',
    as: 'Many',
    values: [0, 1].map((odd) =>
      Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`a${i}`, i % 2 === odd])),
    ),
  },
  {
    wit: 'shape',
    as: 'Shape',
    values: [
      { tag: 'nothing' },
      { tag: 'dot', val: { x: 1, y: -1.5 } },
      { tag: 'text', val: 'hello' },
      { tag: 'count', val: 2n ** 64n - 1n },
      { tag: 'ratio', val: 0.5 },
      { tag: 'precise', val: 0.1 },
      { tag: 'tags', val: ['a', 'b'] },
      { tag: 'nested', val: { tag: 'err', val: 'type' } },
      { tag: 'nested', val: { tag: 'ok' } },
    ],
  },
  { wit: 'names', as: 'Names', values: [['a', 'b']] },
  { wit: 'short', as: 'Short', values: [65535] },
];

const all = {
  a: true,
  b: 255,
  c: -5n,
  d: 'text',
  e: Uint8Array.of(9),
  f: undefined,
  g: [1, '😀'],
  h: 'type',
};
cases.push(
  { wit: 'all', as: 'All', values: [all, { ...all, f: 'there', a: false }] },
  {
    wit: 'deep',
    as: 'Deep',
    values: [
      { points: [{ x: 1, y: 2 }], maybe: { tag: 'some', val: 7 }, inner: { tag: 'ok', val: all } },
      { points: [], maybe: { tag: 'none' }, inner: { tag: 'err', val: 'no' } },
    ],
  },
);

const types = ['Point', 'All', 'Deep', 'Color', 'Mode', 'Many', 'Shape', 'Names', 'Short'];

test('every WIT value type, nested, round-trips through a guest and through a host import', async () => {
  const echo = await echoGuest(cases, declarations, types);
  cases.forEach(({ wit, values }, i) => {
    for (const value of values) {
      expect(echo.functions[`fn${i}`](value), `${wit} returned`).toEqual(value);
      expect(echo.seen(), `${wit} passed to the import`).toEqual(value);
    }
  });
});

describe('functions of many shapes', () => {
  test('more parameters than fit flat go through memory, both ways', async () => {
    const params = Array.from({ length: 17 }, (_, i) => `p${i}: ${i % 3 === 0 ? 'string' : 'u64'}`);
    const as = params.map((param) => param.replace('u64', 'u64'));
    const args = params.map((_, i) => `p${i}`).join(', ');
    const guest = await buildOwnWorld(
      `package test:many;\ninterface many { join: func(${params.join(', ')}) -> string; }\nworld w { import many; export many; }`,
      `import * as many from './generated/many';\nexport function join(${as.join(', ')}): string { return many.join(${args}); }`,
    );
    const host = { join: (...values: unknown[]) => values.join('|') };
    const instance = await instantiate(guest, { 'test:many/many': host });
    const values = params.map((_, i) => (i % 3 === 0 ? `s${i}` : BigInt(i)));
    expect(instance.exports['test:many/many']!.join(...values)).toBe(values.join('|'));
  });

  test('functions may stand in the world itself', async () => {
    const guest = await buildOwnWorld(
      `package test:bare;\nworld w { record pair { a: u32, b: string } import twice: func(n: u32) -> u32; export run: func(p: pair) -> pair; export nothing: func(); }`,
      `import { Pair, twice } from './generated/world';
       export function run(p: Pair): Pair { return new Pair(twice(p.a), p.b + p.b); }
       export function nothing(): void {}`,
    );
    const instance = await instantiate(guest, { twice: (n: number) => 2 * n });
    const run = instance.exports.run as unknown as (pair: unknown) => unknown;
    expect(run({ a: 4, b: 'x' })).toEqual({ a: 8, b: 'xx' });
  });

  test('a result is thrown or returned as its payload', async () => {
    const guest = await buildOwnWorld(
      `package test:r;\ninterface r { half: func(n: u32) -> result<u32, string>; }\nworld w { import r; export r; }`,
      `import * as r from './generated/r';\nimport { Result } from './generated/wit';
       export function half(n: u32): Result<u32, string> {
         if (n > 100) return r.half(n);
         return n % 2 == 0 ? Result.ok<u32, string>(n / 2) : Result.err<u32, string>('odd: ' + n.toString());
       }`,
    );
    const instance = await instantiate(guest, { 'test:r/r': { half: (n: number) => n / 2 } });
    const { half } = instance.exports['test:r/r']!;
    expect(half(8)).toBe(4);
    expect(half(200)).toBe(100);
    expect(() => half(7)).toThrow(expect.objectContaining({ payload: 'odd: 7' }));
  });

  test('two interfaces with a function of one name: the author puts the interface in front of both', async () => {
    const guest = await buildOwnWorld(
      `package test:two;\ninterface first-one { go: func() -> u32; }\ninterface second { go: func() -> u32; }\nworld w { export first-one; export second; }`,
      `export function firstOneGo(): u32 { return 1; }\nexport function secondGo(): u32 { return 2; }`,
    );
    const { exports } = await instantiate(guest);
    expect([exports['test:two/first-one']!.go(), exports['test:two/second']!.go()]).toEqual([1, 2]);
  });

  test('words of AssemblyScript as WIT names get an underscore', async () => {
    const guest = await buildOwnWorld(
      `package test:names;\ninterface names { record error { %type: string, class: u32 } variant array { new, delete(u32) } delete: func(this: error, new: array) -> array; }\nworld w { export names; }`,
      `import { Error, Array_ } from './generated/names';
       export function delete_(this_: Error, new_: Array_): Array_ { return new_.isNew ? Array_.delete_(this_.class_) : Array_.new_(); }`,
    );
    const { names } = { names: (await instantiate(guest)).exports['test:names/names']! };
    expect(names.delete({ type: 't', class: 4 }, { tag: 'new' })).toEqual({ tag: 'delete', val: 4 });
    expect(names.delete({ type: 't', class: 4 }, { tag: 'delete', val: 1 })).toEqual({ tag: 'new' });
  });

  test('a type may have several names, and two packages an interface and a type of one name', async () => {
    const guest = await buildOwnWorld(
      `package test:names;
       interface types { record point { x: u32 } type dot = point; enum kind { a, b } type sort = kind; }
       interface json { use types.{point, dot as spot, sort}; f: func(p: point, s: spot, k: option<sort>) -> list<spot>; }
       package other:names { interface types { record point { y: string } g: func(p: point) -> point; } }
       world w { export json; export other:names/types; }`,
      `import { Point, Sort, Spot } from './generated/test-names-json';
       import { Dot, Kind } from './generated/test-names-types';
       import { Point as Other } from './generated/other-names-types';
       import { Option } from './generated/wit';
       export function f(p: Point, s: Spot, k: Option<Sort>): Array<Dot> {
         return k.isSome && k.unwrap() == Kind.B ? [p, s, new Dot(3)] : [];
       }
       export function g(p: Other): Other { return new Other(p.y + '!'); }`,
    );
    const { exports } = await instantiate(guest);
    const { f } = exports['test:names/json']!;
    expect(f({ x: 1 }, { x: 2 }, 'b')).toEqual([{ x: 1 }, { x: 2 }, { x: 3 }]);
    expect(f({ x: 1 }, { x: 2 }, 'a')).toEqual([]);
    expect(exports['other:names/types']!.g({ y: 'a' })).toEqual({ y: 'a!' });
  });

  test('half a surrogate pair leaves the guest as U+FFFD, everywhere in a string', async () => {
    const guest = await buildOwnWorld(
      `package test:cut;\ninterface cut { cut: func(s: string, n: u32) -> string; }\nworld w { export cut; }`,
      `export function cut(s: string, n: u32): string { return s.substring(n); }`,
    );
    const { cut } = (await instantiate(guest)).exports['test:cut/cut']!;
    for (let before = 0; before < 9; before++) {
      const text = `😀${'x'.repeat(before)}😀`;
      expect(cut(text, 1)).toBe(`\ufffd${'x'.repeat(before)}😀`);
      expect(cut(text, 2)).toBe(`${'x'.repeat(before)}😀`);
    }
  });
});
