/** The host's functions are entered with stack to run on, or not at all: however deep the guest calls them from. */
import { expect, test } from 'vitest';
import { compileComponent } from '../../host/component/compile.ts';
import { PoisonedError, TrapError } from '../../host/component/errors.ts';
import { makeComponent } from './make-component.ts';

const wit = `package test:deep@1.0.0;
interface host { ask: func(text: string) -> u32; }
interface diver { dive: func(depth: u32) -> u32; }
world guest { import host; export diver; }`;

const core = `(module
  (import "test:deep/host@1.0.0" "ask" (func $ask (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
  (func $dive (export "test:deep/diver@1.0.0#dive") (param $depth i32) (result i32)
    (if (result i32) (local.get $depth)
      (then (i32.add (i32.const 1) (call $dive (i32.sub (local.get $depth) (i32.const 1)))))
      (else (call $ask (i32.const 0) (i32.const 5))))))`;

/** How many calls of a small function fit on what is left of the stack. */
function framesLeft(): number {
  let frames = 0;
  const deeper = (): void => {
    frames++;
    deeper();
  };
  try {
    deeper();
  } catch {}
  return frames;
}

test('an import is entered with headroom, or the stack has overflowed', async () => {
  const component = await compileComponent(await makeComponent({ wit, world: 'guest', core }));
  const left: number[] = [];
  const ask = () => {
    left.push(framesLeft());
    return 0;
  };
  const dive = (depth: number): unknown => {
    const instance = component.instantiate({ 'test:deep/host@1.0.0': { ask } });
    const { dive } = instance.exports['test:deep/diver@1.0.0'] as { dive(depth: number): number };
    try {
      return dive(depth);
    } catch (error) {
      expect(() => dive(0)).toThrow(PoisonedError);
      return error;
    }
  };
  // Warm, so that V8 compiles the guest no more while the end is looked for.
  for (let i = 0; i < 300; i++) dive(2_000);
  for (let round = 0; round < 5; round++) {
    let deep = 1024;
    while (dive(deep) === deep) deep *= 2;
    let shallow = deep / 2;
    while (deep - shallow > 1) {
      const middle = (deep + shallow) >>> 1;
      if (dive(middle) === middle) shallow = middle;
      else deep = middle;
    }
    for (let depth = shallow - 50; depth < deep + 50; depth++) dive(depth);
    const error = dive(deep + 50_000);
    expect(error).toBeInstanceOf(TrapError);
    expect((error as TrapError).cause).toBeInstanceOf(RangeError);
  }
  const all = framesLeft();
  expect(left.length).toBeGreaterThan(300);
  // 128 KiB of 984 are an eighth.
  expect(Math.min(...left)).toBeGreaterThan(all / 12);
});
