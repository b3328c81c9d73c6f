import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instrument, ModuleError } from '../../../host/sandbox/preemption/index.ts';
import { Reader } from '../../../host/sandbox/preemption/reader.ts';
import { readSections } from '../../../host/sandbox/preemption/sections.ts';
import { assemble, exported, meteredInstance, within } from './metered.ts';

const call = (instance: WebAssembly.Instance, name: string, ...args: unknown[]) =>
  within(5_000, () => exported(instance, name)(...args)).get();

test('memories keep their meaning, whether the module defines, imports or exports them', async () => {
  const body = `
    (data (memory 0) (i32.const 0) "zero") (data (memory 1) (i32.const 0) "one!") (data "passive")
    (func $leaf) (func (export "load") (param i32) (result i32) (call $leaf)
      (i32.add (i32.load8_u 0 (local.get 0)) (i32.shl (i32.load8_u 1 (local.get 0)) (i32.const 8))))
    (func (export "grow1") (result i32) (drop (memory.grow 1 (i32.const 1))) (memory.size 1))
    (func (export "lanes") (result i32) (i8x16.extract_lane_u 2 (v128.load8_lane 1 2 (i32.const 1) (v128.const i64x2 0 0))))`;
  const defined = meteredInstance(
    await assemble(`(module (memory (export "a") 1) (memory (export "b") 1 9) ${body})`),
  );
  const imported = meteredInstance(
    await assemble(`(module (import "m" "a" (memory 1)) (memory (export "b") 1 9) ${body})`),
    { m: { a: new WebAssembly.Memory({ initial: 1 }) } },
  );
  const both = meteredInstance(
    await assemble(`(module (import "m" "a" (memory 1)) (import "m" "b" (memory 1 9))
      (export "b" (memory 1)) ${body})`),
    {
      m: { a: new WebAssembly.Memory({ initial: 1 }), b: new WebAssembly.Memory({ initial: 1, maximum: 9 }) },
    },
  );
  for (const instance of [defined, imported, both]) {
    expect(call(instance, 'load', 1)).toBe('e'.charCodeAt(0) + ('n'.charCodeAt(0) << 8));
    expect(call(instance, 'grow1')).toBe(2);
    expect((instance.exports.b as WebAssembly.Memory).buffer.byteLength).toBe(2 * 65_536);
    expect(Buffer.from((instance.exports.b as WebAssembly.Memory).buffer, 0, 4).toString()).toBe('one!');
  }
  expect(Buffer.from((defined.exports.a as WebAssembly.Memory).buffer, 0, 4).toString()).toBe('zero');
});

test('atomic instructions on memories of its own are the guest’s business', async () => {
  const module = await assemble(`(module (import "m" "a" (memory 1)) (memory 1 1)
    (func $leaf) (func (export "add") (result i32) (call $leaf) (atomic.fence)
      (drop (i32.atomic.rmw.add 1 offset=8 (i32.const 0) (i32.const 5)))
      (i32.add (i32.atomic.load 1 (i32.const 8)) (i32.atomic.load (i32.const 8))))
    (func (export "wait") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))`);
  const instance = meteredInstance(module, { m: { a: new WebAssembly.Memory({ initial: 1 }) } });
  expect(call(instance, 'add')).toBe(5);
  expect(() => call(instance, 'wait')).toThrow(WebAssembly.RuntimeError);
});

test('a guest cannot reach the control memory', async () => {
  for (const memories of ['', '(memory 1)', '(import "m" "a" (memory 1))']) {
    const own = memories === '' ? 0 : 1;
    for (const reach of [
      `(drop (i32.load ${own} (i32.const 0)))`,
      `(i32.store ${own} (i32.const 0) (i32.const 0))`,
      `(drop (memory.size ${own}))`,
      `(memory.fill ${own} (i32.const 0) (i32.const 0) (i32.const 9))`,
      `(memory.fill ${own} (i32.const 0) (i32.const 0) (memory.size ${own}))`,
      `(drop (v128.load ${own} (i32.const 0)))`,
    ]) {
      // Text with an index that does not exist does not assemble: take one more memory, and remove it.
      const extra = own === 0 ? '(memory 1)' : '(memory 1) (memory 1)';
      const text = memories.startsWith('(import')
        ? `(module ${memories} (memory 1) (func ${reach}))`
        : `(module ${extra} (func ${reach}))`;
      const module = withoutLastMemory(await assemble(text));
      expect(WebAssembly.validate(module)).toBe(false);
      expect(() => instrument(module), text).toThrow(/there is no memory/);
    }
  }
});

/** Take one memory out of a memory section of memories that have one page and no maximum. */
function withoutLastMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const at = module.findIndex(
    (byte, index) => index > 8 && byte === 5 && module[index + 1] === 1 + 2 * module[index + 2]!,
  );
  const count = module[at + 2]!;
  const section =
    count === 1
      ? []
      : [
          5,
          1 + 2 * (count - 1),
          count - 1,
          ...Array(count - 1)
            .fill([0, 1])
            .flat(),
        ];
  return Uint8Array.from([...module.slice(0, at), ...section, ...module.slice(at + 3 + 2 * count)]);
}

test('modules that import by the names of the added imports work', async () => {
  const module = await assemble(`(module
    (import "weir:preemption" "control" (memory 1)) (import "weir:preemption" "memory" (func $f (result i32)))
    (import "weir:preemption-2" "control" (global i32))
    (func (export "control") (result i32) (call $f) (i32.load (i32.const 0)) (global.get 0) i32.add i32.add))`);
  const memory = new WebAssembly.Memory({ initial: 1 });
  new Int32Array(memory.buffer)[0] = 30;
  const instance = meteredInstance(module, {
    'weir:preemption': { control: memory, memory: () => 4 },
    'weir:preemption-2': { control: 8 },
  });
  expect(instrument(module).added?.module).toBe('weir:preemption-3');
  expect(call(instance, 'control')).toBe(42);
});

test('names of functions and memories point at the right ones', async () => {
  const module = await assemble(`(module (memory $main 1) (memory $second 1)
    (func $inner (param i32) (memory.fill (i32.const 0) (i32.const 0) (local.get 0)) (unreachable))
    (func $outer (export "run") (call $inner (i32.const 500000))))`);
  const { bytes } = instrument(module);
  const stack = (length: number) => {
    const instance = meteredInstance(module);
    return (within(1_000, () => exported(instance, 'run')(length)).error as Error).stack!;
  };
  expect(stack(0)).toMatch(/memory\.fill[\s\S]*inner[\s\S]*outer/);
  const text = Buffer.from(bytes).toString('latin1');
  // Subsection 6: memory 0 is `main`, 1 is the control memory, 2 is `second`.
  expect(text).toContain('\x02\x00\x04main\x02\x06second');
});

test('branch hints still stand on their branches', async () => {
  const module = await assemble(`(module (memory 1) (func $leaf)
    (func $f (export "f") (param i32) (result i32)
      (loop $again
        (i32.store (i32.const 4) (local.get 0))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        local.get 0
        (@metadata.code.branch_hint "\\01") br_if $again)
      local.get 0
      (@metadata.code.branch_hint "\\00") if call $leaf end
      i32.const 7)
    (func (param i32) local.get 0 (@metadata.code.branch_hint "\\00") if nop end))`);
  const { bytes } = instrument(module);
  const original = hintedOpcodes(module);
  expect(original).toEqual([
    [1, 0x0d, 1],
    [1, 0x04, 0],
    [2, 0x04, 0],
  ]);
  expect(hintedOpcodes(bytes)).toEqual(original);
  expect(call(meteredInstance(module), 'f', 3)).toBe(7);
});

/** For each branch hint: the function, the opcode on which it stands, and what it says. */
function hintedOpcodes(module: Uint8Array): number[][] {
  const { branchHints, known } = readSections(module);
  const code = new Reader(module, known.get(10)!.start, known.get(10)!.end);
  const bodies: number[] = [];
  for (let count = code.u32('count'); count > 0; count--) {
    const size = code.u32('size');
    bodies.push(code.pos);
    code.skip(size, 'body');
  }
  const found: number[][] = [];
  for (let functions = branchHints!.u32('functions'); functions > 0; functions--) {
    const index = branchHints!.u32('function');
    for (let hints = branchHints!.u32('hints'); hints > 0; hints--) {
      const opcode = module[bodies[index]! + branchHints!.u32('offset')]!;
      branchHints!.byte('size');
      found.push([index, opcode, branchHints!.byte('hint')]);
    }
  }
  return found;
}

test('custom sections whose offsets would be wrong are gone', async () => {
  const module = await assemble(
    '(module (@custom "sourceMappingURL" "\\04a.js") (@custom ".debug_line" "x") (func))',
  );
  const compiled = new WebAssembly.Module(instrument(module).bytes as Uint8Array<ArrayBuffer>);
  expect(WebAssembly.Module.customSections(compiled, 'sourceMappingURL')).toEqual([]);
  expect(WebAssembly.Module.customSections(compiled, '.debug_line')).toEqual([]);
});

test.each([
  ['(module (type (struct (field i32))) (func))', 'garbage-collected types (a type of form struct)'],
  ['(module (type (array i8)) (func))', 'garbage-collected types (a type of form array)'],
  ['(module (func (param anyref)))', 'garbage-collected types (the heap type any)'],
  ['(module (func (local eqref)))', 'garbage-collected types (the heap type eq)'],
  [
    '(module (func (block (result i31ref) (ref.i31 (i32.const 1))) (drop)))',
    'garbage-collected types (the heap type i31)',
  ],
  [
    '(module (global (ref null struct) (ref.null struct)) (func))',
    'garbage-collected types (the heap type struct)',
  ],
  [
    '(module (func (drop (any.convert_extern (ref.null extern)))))',
    'garbage-collected types (the instruction 0xfb 26)',
  ],
  ['(module (func (param exnref)))', 'exception references (the heap type exn)'],
  ['(module (table 1 exnref) (func))', 'exception references (the heap type exn)'],
  ['(module (func (unreachable) (throw_ref)))', 'exception references (the instruction throw_ref)'],
  [
    '(module (func (block (try_table (catch_all_ref 0))) (unreachable)))',
    'exception references (the catch clause catch_all_ref)',
  ],
  ['(module (memory 1 1 shared) (func))', 'threads (a shared memory)'],
])('%s is refused by name', async (text, feature) => {
  const module = await assemble(text);
  const error = thrownBy(() => instrument(module));
  expect(error).toMatchObject({ code: 'WEIR_SANDBOX_MODULE_REFUSED' });
  expect(error.message).toContain(feature);
  expect(error.offset).toBeGreaterThan(8);
  expect(error.offset).toBeLessThan(module.length);
});

test('garbage-collected types and exception references can be let in', async () => {
  const module = await assemble(`(module (type $s (struct (field i32))) (tag $t)
    (func (export "f") (result i32) (struct.get $s 0 (struct.new $s (i32.const 5))))
    (func (export "g") (block $h (result exnref) (try_table (catch_all_ref $h) (throw $t)) (unreachable)) (drop)))`);
  const instance = meteredInstance(module, {}, { features: { gc: true, exnref: true } });
  expect(call(instance, 'f')).toBe(5);
  call(instance, 'g');
});

function thrownBy(act: () => unknown): ModuleError {
  try {
    act();
  } catch (error) {
    if (error instanceof ModuleError) return error;
    throw error;
  }
  throw new TypeError('nothing was thrown');
}

const repeat = (text: string, times: number) => text.repeat(times);

test.each([
  [
    'functionBytes',
    200,
    `(module (func ${repeat('(nop)', 200)}))`,
    `(module (func ${repeat('(nop)', 190)}))`,
  ],
  [
    'locals',
    10,
    `(module (func (param i32) (local ${repeat('i32 ', 10)})))`,
    `(module (func (param i32) (local ${repeat('i32 ', 9)})))`,
  ],
  [
    'localsTimesBranches',
    40,
    `(module (func (local ${repeat('i32 ', 10)}) ${repeat('(block)', 5)}))`,
    `(module (func (local ${repeat('i32 ', 10)}) ${repeat('(block)', 4)}))`,
  ],
  [
    'totalLocalsTimesBranches',
    20,
    `(module ${repeat('(func (local i32) (block))', 21)})`,
    `(module ${repeat('(func (local i32) (block))', 20)})`,
  ],
  [
    'branchTableLabels',
    8,
    `(module (func (br_table ${repeat('0 ', 10)} (i32.const 0))))`,
    `(module (func (br_table ${repeat('0 ', 9)} (i32.const 0))))`,
  ],
  [
    'nesting',
    10,
    `(module (func ${repeat('block ', 10)} ${repeat('end ', 10)}))`,
    `(module (func ${repeat('block ', 9)} ${repeat('end ', 9)}))`,
  ],
  [
    'parameters',
    3,
    '(module (type (func (param i32 i32 i32 i32))) (func))',
    '(module (type (func (param i32 i32 i32))) (func))',
  ],
  [
    'types',
    2,
    '(module (type (func (result i32))) (type (func (param i32))) (func))',
    '(module (type (func (param i32))) (func))',
  ],
  [
    'imports',
    1,
    '(module (import "a" "b" (func)) (import "a" "c" (func)) (func))',
    '(module (import "a" "b" (func)) (func))',
  ],
  ['functions', 2, '(module (func) (func) (func))', '(module (func) (func))'],
  [
    'globals',
    1,
    '(module (global i32 (i32.const 0)) (global i32 (i32.const 0)) (func))',
    '(module (global i32 (i32.const 0)) (func))',
  ],
  ['exports', 1, '(module (func (export "a")) (func (export "b")))', '(module (func (export "a")))'],
  ['tables', 1, '(module (table 1 funcref) (table 1 funcref) (func))', '(module (table 1 funcref) (func))'],
  ['memories', 1, '(module (memory 1) (memory 1) (func))', '(module (memory 1) (func))'],
  ['tags', 1, '(module (tag) (tag) (func))', '(module (tag) (func))'],
  [
    'segments',
    1,
    '(module (memory 1) (data "a") (data "b") (func))',
    '(module (memory 1) (data "a") (func))',
  ],
  [
    'elementBytes',
    12,
    `(module (elem func ${repeat('0 ', 12)}) (func))`,
    `(module (elem func ${repeat('0 ', 8)}) (func))`,
  ],
  [
    'bulkOperations',
    1,
    `(module (memory 1) (memory 1) (func (param i32)
      (memory.fill 0 (i32.const 0) (i32.const 0) (local.get 0)) (memory.fill 1 (i32.const 0) (i32.const 0) (local.get 0))))`,
    `(module (memory 1) (func (param i32)
      (memory.fill (i32.const 0) (i32.const 0) (local.get 0)) (memory.fill (i32.const 1) (i32.const 0) (local.get 0))))`,
  ],
] as const)('the limit on %s of %i holds', async (limit, value, over, within_) => {
  const limits = { [limit]: value };
  const module = await assemble(over);
  expect(thrownBy(() => instrument(module, { limits }))).toMatchObject({
    code: 'WEIR_SANDBOX_MODULE_TOO_COSTLY',
  });
  instrument(await assemble(within_), { limits });
});

const ordinary = `(module
  (import "host" "log" (func $log (param i32)))
  (memory (export "memory") 2 4) (table 4 funcref) (global $g (mut i32) (i32.const 5)) (tag $t (param i32))
  (type $pair (func (param i32 i64) (result i32)))
  (elem (i32.const 0) $work $leaf) (data (i32.const 8) "some data") (data "more")
  (func $leaf (param i32 i64) (result i32) (local f64 v128) (local.set 3 (v128.const f32x4 1 2 3 4)) (local.get 0))
  (func $work (export "work") (param i32 i64) (result i32) (local i32)
    (loop $again
      (block $done
        (br_table $done $again $done (i32.and (local.get 0) (i32.const 3))))
      (local.set 2 (call_indirect (type $pair) (local.get 0) (local.get 1) (i32.const 1)))
      (if (i32.eqz (local.get 2)) (then (call $log (local.get 2))) (else (f64.const 1.5) (drop)))
      (i32.store8 offset=100000 (local.get 0) (i32.load16_s align=1 (i32.const 3)))
      (memory.copy (i32.const 0) (i32.const 9) (local.get 0))
      (br_if $again (i32.lt_u (local.get 2) (global.get $g))))
    (try_table (result i32) (catch $t 0) (throw $t (i32.const 3)))))`;

test('whatever is cut off or changed in a module, there is an error with an offset or a module as valid as before', async () => {
  const module = await assemble(ordinary);
  expect(WebAssembly.validate(instrument(module).bytes as Uint8Array<ArrayBuffer>)).toBe(true);
  const hold = (changed: Uint8Array<ArrayBuffer>) => {
    let bytes: Uint8Array;
    try {
      bytes = instrument(changed).bytes;
    } catch (error) {
      expect(error).toBeInstanceOf(ModuleError);
      expect((error as ModuleError).offset).toBeLessThanOrEqual(changed.length);
      if ((error as ModuleError).code === 'WEIR_SANDBOX_MODULE_MALFORMED') {
        expect(WebAssembly.validate(changed)).toBe(false);
      }
      return;
    }
    expect(WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)).toBe(WebAssembly.validate(changed));
  };
  for (let length = 0; length < module.length; length++) hold(module.slice(0, length));
  const change = fc.tuple(fc.nat(module.length - 1), fc.nat(255), fc.constantFrom('set', 'insert', 'remove'));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const bytes = [...module];
      for (const [at, value, how] of changes) {
        if (how === 'set') bytes[at] = value;
        else if (how === 'insert') bytes.splice(at, 0, value);
        else bytes.splice(at, 1);
      }
      hold(Uint8Array.from(bytes));
    }),
    {
      numRuns: 5_000,
      // An element segment that names the function after the last one: the first that the rewriting adds.
      examples: [
        [
          [
            [91, 0, 'remove'],
            [92, 3, 'insert'],
          ],
        ],
      ],
    },
  );
});

test.each([
  ['a count of four thousand million locals', [0x01, 0x01, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0x0b]],
  [
    'a br_table of four thousand million labels',
    [0x01, 0x00, 0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x0b],
  ],
  ['a number that never ends', [0x01, 0x00, 0x20, ...Array(500).fill(0x80), 0x0b]],
  ['a select of many types', [0x01, 0x00, 0x1c, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0x0b]],
  ['a function that closes too often', [0x01, 0x00, 0x0b, 0x0b, 0x0b]],
  ['a function that never closes', [0x01, 0x00, 0x02, 0x40]],
])('%s is an error at once', (_name, body) => {
  const size = body.length - 1;
  const code = [body[0]!, (size & 0x7f) | 0x80, size >> 7, ...body.slice(1)];
  const section = [10, (code.length & 0x7f) | 0x80, code.length >> 7, ...code];
  const module = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, ...section]);
  const before = performance.now();
  expect(thrownBy(() => instrument(module)).offset).toBeGreaterThan(8);
  expect(performance.now() - before).toBeLessThan(100);
});

test('what is no core module is said to be none', () => {
  expect(thrownBy(() => instrument(new Uint8Array()))).toMatchObject({
    code: 'WEIR_SANDBOX_MODULE_MALFORMED',
    offset: 0,
  });
  // A component.
  const component = Uint8Array.of(0, 97, 115, 109, 0x0d, 0, 1, 0);
  expect(thrownBy(() => instrument(component)).message).toContain('not a core module');
});
