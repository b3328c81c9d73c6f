import { expect, test } from 'vitest';
import { MEMORY_CHUNK, TABLE_CHUNK } from '../../../host/sandbox/preemption/bulk.ts';
import { assemble, exported, meteredInstance, within } from './metered.ts';

/** Run the same calls on the module as it is and instrumented; they must agree on all that can be seen. */
async function agree(text: string, calls: readonly (readonly [name: string, ...args: unknown[]])[]) {
  const module = await assemble(text);
  const plain = new WebAssembly.Instance(new WebAssembly.Module(module));
  const metered = meteredInstance(module);
  for (const [name, ...args] of calls) {
    const expected = outcome(() => exported(plain, name)(...args));
    const actual = outcome(() => within(10_000, () => exported(metered, name)(...args)).get());
    expect(actual, `${name}(${args.join(', ')})`).toEqual(expected);
    for (const [key, value] of Object.entries(plain.exports)) {
      if (value instanceof WebAssembly.Memory) {
        const other = metered.exports[key] as WebAssembly.Memory;
        expect(Buffer.compare(Buffer.from(value.buffer), Buffer.from(other.buffer)), `${name}(${args})`).toBe(
          0,
        );
      }
    }
  }
}

function outcome(call: () => unknown): unknown {
  try {
    return { returned: call() };
  } catch (error) {
    return { trapped: (error as Error).message };
  }
}

const PAGES = 40;
const SIZE = PAGES * 65_536;
const C = MEMORY_CHUNK;
const lengths = [0, 1, 4096, C - 1, C, C + 1, 2 * C, 2 * C + 1, 3 * C + 7, SIZE - 5, SIZE, SIZE + 1, -1];

const memories = `
  (memory (export "m0") ${PAGES}) (memory (export "m1") ${PAGES}) (memory (export "m2") i64 ${PAGES})
  (data $segment "${'0123456789abcdef'.repeat(64)}")
  (func (export "stir") (local $i i32)
    (loop $again
      (i32.store (local.get $i) (i32.mul (local.get $i) (i32.const 0x9e3779b1)))
      (i32.store 1 (local.get $i) (i32.mul (local.get $i) (i32.const 0x85ebca6b)))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const ${SIZE})))))`;

const wideAddresses = (value: number) => BigInt(value >>> 0);

test('memory.fill in chunks is memory.fill', async () => {
  const text = `(module ${memories}
    (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
    (func (export "fill1") (param i32 i32 i32) (memory.fill 1 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "fill2") (param i64 i32 i64) (memory.fill 2 (local.get 0) (local.get 1) (local.get 2))))`;
  await agree(text, [
    ['stir'],
    ...lengths.map((length, index) => ['fill', 3, index, length] as const),
    ...lengths.map((length, index) => ['fill1', index, index, length] as const),
    ...lengths.map((length, index) => ['fill2', 5n, index, wideAddresses(length)] as const),
    ['fill', -1, 1, C + 1],
    ['fill', -C, 1, C + 1],
    ['fill', SIZE, 1, 0],
    ['fill', SIZE + 1, 1, 0],
    ['fill', SIZE - C - 1, 1, C + 1],
    ['fill2', 2n ** 64n - 1n, 1, BigInt(C + 1)],
    ['fill2', 1n, 1, 2n ** 64n - 1n],
  ]);
});

test('memory.copy in chunks is memory.copy, overlapping or not, within and between memories', async () => {
  const text = `(module ${memories}
    (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy01") (param i32 i32 i32) (memory.copy 0 1 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy10") (param i32 i32 i32) (memory.copy 1 0 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy20") (param i64 i32 i32) (memory.copy 2 0 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy02") (param i32 i64 i32) (memory.copy 0 2 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy22") (param i64 i64 i64) (memory.copy 2 2 (local.get 0) (local.get 1) (local.get 2))))`;
  const ranges = [
    [0, 1, 3 * C],
    [1, 0, 3 * C],
    [C, 0, 3 * C + 1],
    [0, C, 3 * C + 1],
    [C + 3, 5, 2 * C + 9],
    [5, C + 3, 2 * C + 9],
    [7, 7, 3 * C],
    [0, 3, SIZE - 3],
    [3, 0, SIZE - 3],
    [0, 4, SIZE - 3],
    [4, 0, SIZE - 3],
    [0, 0, C],
    [1, 0, -1],
    [-1, 0, C + 1],
    [0, -1, C + 1],
    [SIZE, SIZE, 0],
  ] as const;
  await agree(text, [
    ['stir'],
    ...ranges.flatMap(
      ([to, from, length]) =>
        [
          ['copy', to, from, length],
          ['copy01', to, from, length],
          ['copy10', to, from, length],
          ['copy20', wideAddresses(to), from, length],
          ['copy02', to, wideAddresses(from), length],
          ['copy22', wideAddresses(to), wideAddresses(from), wideAddresses(length)],
        ] as const,
    ),
  ]);
});

test('memory.init is memory.init, with the segment there and gone', async () => {
  const large = '"'.concat('ab'.repeat(C), '"');
  const text = `(module ${memories} (data $large ${large})
    (func (export "init") (param i32 i32 i32) (memory.init $large (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init1") (param i32 i32 i32) (memory.init 1 $segment (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init2") (param i64 i32 i32) (memory.init 2 $large (local.get 0) (local.get 1) (local.get 2)))
    (func (export "constant") (memory.init 1 $segment (i32.const 7) (i32.const 3) (i32.const 9)))
    (func (export "drop") (data.drop $large) (data.drop $segment)))`;
  const calls = [
    ['constant'],
    ['init', 0, 0, 2 * C],
    ['init', 1, 1, 2 * C - 1],
    ['init', 1, 1, 2 * C],
    ['init', SIZE - C - 1, 0, C + 1],
    ['init', SIZE - C, 0, C + 1],
    ['init', 0, -1, C + 1],
    ['init', 0, 0, -1],
    ['init1', 9, 9, 100],
    ['init1', 9, 9, 100_000],
    ['init2', 3n, 3, 2 * C - 9],
    ['init2', 2n ** 63n, 3, 2 * C - 9],
  ] as const;
  await agree(text, [...calls, ['drop'], ...calls, ['init', 0, 0, 0]]);
});

test('tables are filled, copied and initialised as ever', async () => {
  const T = TABLE_CHUNK;
  const size = 4 * T;
  const functions = Array.from({ length: 7 }, (_, n) => `(func $f${n} (result i32) (i32.const ${n}))`).join(
    '\n',
  );
  const elements = Array.from({ length: 2 * T + 5 }, (_, n) => `$f${n % 7}`).join(' ');
  const text = `(module (type $t (func (result i32))) ${functions}
    (table $a ${size} funcref) (table $b ${size} funcref) (elem $large func ${elements})
    (func (export "init") (param i32 i32 i32) (table.init $a $large (local.get 0) (local.get 1) (local.get 2)))
    (func (export "initb") (param i32 i32 i32) (table.init $b $large (local.get 0) (local.get 1) (local.get 2)))
    (func (export "short") (table.init $a $large (i32.const 5) (i32.const 4) (i32.const 3)))
    (func (export "fill") (param i32 i32 i32)
      (table.fill $a (local.get 0) (table.get $b (local.get 1)) (local.get 2)))
    (func (export "copy") (param i32 i32 i32) (table.copy $a $a (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copyab") (param i32 i32 i32) (table.copy $b $a (local.get 0) (local.get 1) (local.get 2)))
    (func (export "sum") (result i64) (local $i i32) (local $sum i64)
      (loop $again
        (if (i32.eqz (ref.is_null (table.get $a (local.get $i))))
          (then (local.set $sum (i64.add
            (i64.mul (local.get $sum) (i64.const 31))
            (i64.extend_i32_u (call_indirect $a (type $t) (local.get $i)))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (i32.const ${size}))))
      (local.get $sum)))`;
  await agree(
    text,
    [
      ['init', 0, 0, 2 * T + 5],
      ['init', 3, 1, 2 * T + 4],
      ['init', 3, 1, 2 * T + 5],
      ['init', size - T, 0, T + 1],
      ['initb', 0, 0, 2 * T],
      ['short'],
      ['copy', 1, 0, 3 * T],
      ['copy', 0, 1, 3 * T],
      ['copy', T, 1, 3 * T + 1],
      ['copy', 0, 0, size + 1],
      ['copyab', 5, 9, 2 * T + 2],
      ['fill', 9, 10, 3 * T],
      ['fill', 9, 11, size],
      ['fill', -1, 11, T + 1],
    ].flatMap((call) => [call as [string], ['sum'] as [string]]),
  );
});
