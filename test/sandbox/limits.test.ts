/** What a component may be and start with: each limit lets pass what it names and refuses one more. */
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS, type LimitsConfig } from '../../host/config/model.ts';
import { compileSandboxed } from '../../host/sandbox/compile.ts';
import { capTables } from '../../host/sandbox/table-cap.ts';

async function compiles(bytes: Uint8Array, limits: Partial<LimitsConfig>): Promise<string> {
  try {
    await compileSandboxed(bytes, { ...DEFAULT_LIMITS, ...limits });
    return 'compiles';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** A core module that is instantiated twice. */
const twice = (fields: string) =>
  parse(
    `(component (core module $m ${fields}) (core instance (instantiate $m)) (core instance (instantiate $m)))`,
  );

test('module_size', async () => {
  const bytes = await twice('');
  const size = bytes.byteLength;
  expect(await compiles(bytes, { moduleBytes: size + 1 })).toBe('compiles');
  expect(await compiles(bytes, { moduleBytes: size })).toBe('compiles');
  expect(await compiles(bytes, { moduleBytes: size - 1 })).toBe('WEIR_SANDBOX_SIZE_LIMIT');
});

test.each([
  ['functions', '(func) (func) (func)', 'WEIR_SANDBOX_FUNCTION_LIMIT'],
  [
    'globals',
    '(global i32 (i32.const 1)) (global i64 (i64.const 2)) (global f32 (f32.const 3))',
    'WEIR_SANDBOX_GLOBAL_LIMIT',
  ],
] as const)('%s are counted over all core instances', async (limit, fields, code) => {
  const bytes = await twice(fields);
  expect(await compiles(bytes, { [limit]: 7 })).toBe('compiles');
  expect(await compiles(bytes, { [limit]: 6 })).toBe('compiles');
  expect(await compiles(bytes, { [limit]: 5 })).toBe(code);
});

test('what is instantiated very often is refused before it is counted out', async () => {
  let nested = '(component $c0 (core module $m (func)) (core instance (instantiate $m)))';
  for (let i = 1; i < 40; i++) {
    nested = `(component $c${i} ${nested} (instance (instantiate $c${i - 1})) (instance (instantiate $c${i - 1})))`;
  }
  expect(await compiles(await parse(nested), {})).toBe('WEIR_SANDBOX_FUNCTION_LIMIT');
});

describe('table_elements', () => {
  test('a component may start with as many, over all of its tables', async () => {
    const bytes = await twice('(table 50 funcref)');
    expect(await compiles(bytes, { tableElements: 101 })).toBe('compiles');
    expect(await compiles(bytes, { tableElements: 100 })).toBe('compiles');
    expect(await compiles(bytes, { tableElements: 99 })).toBe('WEIR_SANDBOX_TABLE_LIMIT');
  });

  test.each([
    ['funcref', 'ref.null func'],
    ['externref', 'ref.null extern'],
  ])('a table of %s grows up to its share and no further', async (type, none) => {
    const module = await parse(`(module (table $t 1 ${type})
      (func (export "grow") (param i32) (result i32) (table.grow $t (${none}) (local.get 0)))
      (func (export "size") (result i32) (table.size $t)))`);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(capTables(module, 20, 2)));
    const { grow, size } = exports as Record<string, (by?: number) => number>;
    expect(grow!(8)).toBe(1);
    expect(grow!(1)).toBe(9);
    expect(grow!(1)).toBe(-1);
    expect(size!()).toBe(10);
  });

  test('tables that say with what they are filled keep it', async () => {
    const module = await parse(`(module (func $f (result i32) i32.const 7) (elem declare func $f)
      (type $t (func (result i32)))
      (table 2 (ref null $t) (ref.func $f))
      (func (export "call") (result i32) (call_indirect 0 (type $t) (i32.const 1))))`);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(capTables(module, 10)));
    expect((exports.call as () => number)()).toBe(7);
  });

  test('a module without tables stays as it is', async () => {
    const module = await parse('(module (func))');
    expect(capTables(module, 1)).toBe(module);
  });

  test('a table section that cannot be read is refused', () => {
    const cut = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 4, 3, 1, 0x70, 0x00);
    expect(() => capTables(cut, 10)).toThrow(
      expect.objectContaining({ code: expect.stringContaining('WEIR_SANDBOX') }),
    );
  });
});
