/** A function type is written as WIT would, and takes bounded time and text whatever it is. */

import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, test } from 'vitest';
import { describeComponent } from '../../host/component/decode/describe.ts';
import { signature } from '../../host/component/signature.ts';
import type { FunctionType, InstanceType, ValueType } from '../../host/component/types.ts';

async function signatureOf(types: string, text: string): Promise<string> {
  const witSource = `package t:t; interface i { ${types} f: ${text}; } world w { import i; }`;
  const bytes = await componentNew(await componentEmbed({ dummy: true, witSource, world: 'w' }));
  const [imported] = describeComponent(bytes).imports;
  const f = (imported!.type as InstanceType).exports.find(({ name }) => name === 'f')!;
  return signature(f.type as FunctionType);
}

test.each([
  'func()',
  'async func() -> string',
  'func(a: bool, b-c: s8, d: f64) -> char',
  'func(a: list<u8>, b: list<list<string>>) -> tuple<u8, u16>',
  'func(a: option<option<u32>>) -> result',
  'func() -> result<u8>',
  'func() -> result<_, string>',
  'func() -> result<list<u8>, tuple<s64>>',
])('%s', async (text) => {
  expect(await signatureOf('', text)).toBe(text);
});

test('named types are spelled out, resources named', async () => {
  const types = `
    resource file { close: func(); }
    enum colour { red, blue }
    flags rights { read, write }
    record point { x: s32, hue: colour }
    variant shape { none, dot(point), many(list<point>) }`;
  expect(await signatureOf(types, 'func(at: borrow<file>, can: rights, what: shape) -> file')).toBe(
    'func(at: borrow<file>, can: flags { read, write }, what: variant { none, ' +
      'dot(record { x: s32, hue: enum { red, blue } }), many(list<record { x: s32, hue: enum { red, blue } }>) }) -> file',
  );
});

test('a small type that is exponentially long when spelled out is cut', () => {
  let type: ValueType = { kind: 'u8' };
  for (let i = 0; i < 64; i++) type = { kind: 'tuple', elements: [type, type] };
  const text = signature({ kind: 'func', async: false, params: [], result: type });
  expect(text.length).toBeLessThan(10_000);
  expect(text.endsWith('…')).toBe(true);
});
