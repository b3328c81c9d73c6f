/** `weir:extension/random` is there for those to whom it is granted, and gives a bounded number of bytes. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { CapabilityContract } from '../../host/capability/contract.ts';
import { type LoadExtensionOptions, loadExtension } from '../../host/extension/load.ts';
import { makeComponent } from '../component/make-component.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { witPackage } from './probe.ts';
import { caught } from './supervised.ts';

interface Dice {
  roll(): bigint;
  bytes(length: number): Uint8Array;
}

const Dice: CapabilityContract<Dice> = {
  name: 'dice',
  interface: 'test:random/dice@1.0.0',
  description: 'For tests.',
  functions: { roll: 'func() -> u64', bytes: 'func(length: u32) -> list<u8>' },
};

let bytes: Uint8Array;

beforeAll(async () => {
  bytes = await makeComponent({
    world: 'guest',
    wit: `package test:random@1.0.0;
interface dice { roll: func() -> u64; bytes: func(length: u32) -> list<u8>; }
world guest { import weir:extension/random@0.1.0; export dice; }
${await witPackage('extension')}`,
    core: `(module
  (import "weir:extension/random@0.1.0" "bytes" (func $bytes (param i32 i32)))
  (import "weir:extension/random@0.1.0" "next-u64" (func $next (result i64)))
  (memory (export "memory") 3)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "test:random/dice@1.0.0#roll") (result i64) (call $next))
  (func (export "test:random/dice@1.0.0#bytes") (param i32) (result i32)
    (call $bytes (local.get 0) (i32.const 8))
    (i32.const 8)))`,
  });
});

async function load(grants?: LoadExtensionOptions['grants']): Promise<Dice> {
  const file = join(await temporaryFolder(), 'dice.wasm');
  await writeFile(file, bytes);
  return (await loadExtension(file, { contracts: [Dice], ...(grants && { grants }) })).require(Dice);
}

test('without the grant the extension does not start, and the error names import and grant', async () => {
  await expect(load()).rejects.toMatchObject({
    code: 'WEIR_SANDBOX_IMPORT_DENIED',
    message: 'the component imports weir:extension/random@0.1.0, which is not granted',
    hint: 'add `grants: { random: true }` to the extension',
  });
});

test('with the grant bytes are unpredictable', async () => {
  const dice = await load({ random: true });
  const rolls = new Set(Array.from({ length: 100 }, () => dice.roll()));
  expect(rolls.size).toBe(100);
  const bytes = dice.bytes(65_536);
  expect(bytes.length).toBe(65_536);
  expect(new Set(bytes).size).toBe(256);
});

test('one byte too many is a fault', async () => {
  const dice = await load({ random: true });
  expect(String(caught(() => dice.bytes(65_537)))).toMatch(/65537 random bytes; a call gives at most 65536/);
});

test.each([
  [{ rnadom: true }, /did you mean `random`/],
  [{ random: 'yes' }, /random/],
  [{ env: 'HOME' }, /env/],
  [{ fs: [{ path: 'relative', name: 'x', mode: 'read' }] }, /absolute/],
])('grants %j are refused', async (grants, message) => {
  const error = await load(grants as never).catch((error) => error);
  expect(error).toMatchObject({ code: 'WEIR_EXTENSION_OPTIONS' });
  expect(`${error.message} ${error.hint}`).toMatch(message);
});
