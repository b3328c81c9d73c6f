/**
 * A check is a plain load, which an optimiser may move out of a loop in which nothing seems to change what
 * is loaded. V8's does not, for shared memories; should that ever change, these tests hang and fail.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../temporary-folder.ts';
import { endless } from './endless-guests.ts';
import { assemble, exported, meteredInstance, within } from './metered.ts';

const script = join(import.meta.dirname, 'optimised-loops.ts');

test('the optimising compiler leaves the checks where they are', async () => {
  const flags = ['--no-liftoff', '--no-wasm-lazy-compilation'];
  const guests: Record<string, number[]> = {};
  for (const [name, body] of Object.entries(endless))
    guests[name] = [...(await assemble(`(module ${body})`))];
  const file = join(await temporaryFolder(), 'guests.json');
  await writeFile(file, JSON.stringify(guests));
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, file], {
    timeout: 15_000,
  });
  const stopped = JSON.parse(stdout) as Record<string, boolean>;
  expect(stopped).toEqual(Object.fromEntries(Object.keys(endless).map((name) => [name, true])));
});

test.each([
  ['that only counts', '(local.set 1 (i64.add (local.get 1) (i64.const 1)))'],
  [
    'that reads memory',
    '(local.set 1 (i64.add (local.get 1) (i64.extend_i32_u (i32.load8_u offset=7 (i32.const 0)))))',
  ],
  [
    'that writes memory',
    '(i32.store (i32.const 64) (i32.wrap_i64 (local.get 1))) (local.set 1 (i64.add (local.get 1) (i64.const 1)))',
  ],
])('a loop %s is stopped when it has long been hot', async (_name, work) => {
  const module = await assemble(`(module (memory 1) (data (i32.const 7) "\\01")
    (func (export "run") (param $rounds i64) (local i64)
      (loop $again ${work} (br_if $again (i64.ne (local.get 1) (local.get $rounds))))))`);
  const run = exported(meteredInstance(module), 'run');
  // Long enough for V8 to replace the code by optimised code, which it does between calls.
  for (let call = 0; call < 2_000; call++) within(5_000, () => run(20_000n)).get();
  const outcome = within(30, () => run(-1n));
  expect(outcome.stopped).toBe(true);
});
