import { expect, test } from 'vitest';
import { endless } from './endless-guests.ts';
import { assemble, exported, meteredInstance, within } from './metered.ts';

const DEADLINE = 30;

test.each(Object.entries(endless))('%s is stopped at its deadline', async (_name, body) => {
  const instance = meteredInstance(await assemble(`(module ${body})`), { host: { nothing() {} } });
  const outcome = within(DEADLINE, exported(instance, 'run'));
  expect(outcome.error).toBeInstanceOf(WebAssembly.RuntimeError);
  expect(outcome.stopped).toBe(true);
  expect(outcome.tookMs).toBeGreaterThan(DEADLINE / 2);
});

test('an endless start function is stopped', async () => {
  const module = await assemble('(module (func $spin (loop (br 0))) (start $spin))');
  expect(() => meteredInstance(module, {}, { deadlineMs: DEADLINE })).toThrow(WebAssembly.RuntimeError);
});

test('the trap cannot be caught by the guest, and says where it was', async () => {
  const module = await assemble(`(module
    (func $spinner (loop (br 0)))
    (func $catcher (export "run") (loop $again try (call $spinner) catch_all end (br $again))))`);
  const { error } = within(DEADLINE, exported(meteredInstance(module), 'run'));
  expect((error as Error).stack).toMatch(/at .*spinner[\s\S]*at .*catcher/);
});

test('the event loop is free right after', async () => {
  const module = await assemble('(module (func (export "run") (loop (br 0))))');
  const instance = meteredInstance(module);
  let turns = 0;
  const before = performance.now();
  const turn = new Promise<void>((resolve) =>
    setTimeout(() => {
      turns++;
      resolve();
    }, 1),
  );
  expect(within(DEADLINE, exported(instance, 'run')).stopped).toBe(true);
  await turn;
  expect(turns).toBe(1);
  expect(performance.now() - before).toBeLessThan(1_000);
});
