/** The memory limit holds over all memories of a component, and says so where it cannot be met. */
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { decodeComponent } from '../../host/component/decode/component.ts';
import { DEFAULT_LIMITS } from '../../host/config/model.ts';
import { compileSandboxed } from '../../host/sandbox/compile.ts';
import { totalOf } from '../../host/sandbox/component-count.ts';
import { capMemories, countMemories } from '../../host/sandbox/memory-cap.ts';

const PAGE = 65_536;

async function grown(wat: string, limit: number, memories = 1): Promise<number> {
  const bytes = capMemories(await parse(wat), limit, memories);
  const memory = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.memory as WebAssembly.Memory;
  // 64-bit memories count their pages in bigints.
  const page = wat.includes(' i64 ') ? (1n as unknown as number) : 1;
  for (;;) {
    try {
      memory.grow(page);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      return memory.buffer.byteLength;
    }
  }
}

describe('the maximum of a memory', () => {
  test('is set where the module gives none', async () => {
    expect(await grown('(module (memory (export "memory") 1))', 4 * PAGE)).toBe(4 * PAGE);
  });

  test('is lowered to the limit, rounded down to whole pages', async () => {
    expect(await grown('(module (memory (export "memory") 1 1000))', 3 * PAGE + 5)).toBe(3 * PAGE);
  });

  test('is never raised', async () => {
    expect(await grown('(module (memory (export "memory") 1 2))', 100 * PAGE)).toBe(2 * PAGE);
  });

  test('is an even share where several memories have one limit', async () => {
    expect(await grown('(module (memory (export "memory") 1))', 8 * PAGE, 2)).toBe(4 * PAGE);
  });

  test('of a 64-bit memory is lowered too', async () => {
    expect(await grown('(module (memory (export "memory") i64 1 100000000000))', 2 * PAGE)).toBe(2 * PAGE);
  });

  test('leaves everything else of the module as it was', async () => {
    const bytes = capMemories(
      await parse(
        '(module (memory (export "memory") 1) (data (i32.const 8) "weir") (func (export "f") (result i32) i32.const 7))',
      ),
      2 * PAGE,
    );
    const { memory, f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    expect((f as () => number)()).toBe(7);
    expect(Buffer.from((memory as WebAssembly.Memory).buffer, 8, 4).toString()).toBe('weir');
  });

  test('of an imported memory is left to the module that defines it', async () => {
    const module = await parse('(module (import "a" "b" (memory 5)))');
    expect(capMemories(module, PAGE)).toBe(module);
  });
});

test('a memory that starts above the limit is refused with the sizes', async () => {
  const module = await parse('(module (memory 32))');
  expect(() => capMemories(module, PAGE)).toThrow(
    expect.objectContaining({
      code: 'WEIR_SANDBOX_MEMORY_LIMIT',
      message: 'the component starts with 2 MiB of memory; its limit is 0.06 MiB',
      hint: expect.stringContaining('at least 2 MiB'),
    }),
  );
});

test.each([
  ['nothing', []],
  ['no preamble', [1, 2, 3, 4]],
  ['a section beyond the end', [0, 97, 115, 109, 1, 0, 0, 0, 5, 9, 1]],
  ['a memory count without memories', [0, 97, 115, 109, 1, 0, 0, 0, 5, 1, 3]],
  ['an endless number', [0, 97, 115, 109, 1, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
])('a core module that cannot be read is refused: %s', (_, bytes) => {
  expect(() => capMemories(new Uint8Array(bytes), PAGE)).toThrow(
    expect.objectContaining({ code: 'WEIR_SANDBOX_CORE_MODULE' }),
  );
});

describe('memories of a component are counted', () => {
  const count = async (wat: string) => totalOf(decodeComponent(await parse(wat)), countMemories);

  test('once for each instantiation of the module that defines them', async () => {
    expect(
      await count(`(component
        (core module $none (func))
        (core module $one (memory 1))
        (core instance (instantiate $none)) (core instance (instantiate $one)) (core instance (instantiate $one)))`),
    ).toBe(2);
  });

  test('through nested components', async () => {
    expect(
      await count(`(component
        (component $inner (core module $one (memory 1)) (core instance (instantiate $one)))
        (instance (instantiate $inner)) (instance (instantiate $inner)) (instance (instantiate $inner)))`),
    ).toBe(3);
  });

  test('as the most that it can be where a module comes from further out', async () => {
    expect(
      await count(`(component $outer
        (core module $one (memory 1))
        (component $inner
          (alias outer $outer $one (core module $alias))
          (core instance (instantiate $alias)))
        (instance (instantiate $inner)))`),
    ).toBe(1);
  });
});

test('two memories of one component together stay under its limit', async () => {
  const component = await compileSandboxed(
    await parse(`(component
      (core module $m (memory (export "memory") 1)
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
      (core instance $a (instantiate $m)) (core instance $b (instantiate $m))
      (func (export "grow-a") (param "n" u32) (result s32) (canon lift (core func $a "grow")))
      (func (export "grow-b") (param "n" u32) (result s32) (canon lift (core func $b "grow"))))`),
    { ...DEFAULT_LIMITS, memoryBytes: 6 * PAGE },
  );
  const instance = component.instantiate({});
  const exports = instance.exports as unknown as Record<'growA' | 'growB', (n: number) => number>;
  expect(exports.growA(2)).toBe(1);
  expect(exports.growA(1)).toBe(-1);
  expect(exports.growB(2)).toBe(1);
  expect(exports.growB(1)).toBe(-1);
  expect(instance.memoryBytes()).toBe(6 * PAGE);
});

test('the same bytes under the same limits are compiled once', async () => {
  const bytes = await parse('(component)');
  const [one, two] = await Promise.all([
    compileSandboxed(bytes, { ...DEFAULT_LIMITS, memoryBytes: PAGE }),
    compileSandboxed(bytes, { ...DEFAULT_LIMITS, memoryBytes: PAGE }),
  ]);
  expect(two).toBe(one);
  expect(await compileSandboxed(bytes, { ...DEFAULT_LIMITS, memoryBytes: PAGE })).toBe(one);
  expect(await compileSandboxed(bytes, { ...DEFAULT_LIMITS, memoryBytes: 2 * PAGE })).not.toBe(one);
});
