/** Types of a component come out resolved, named after their interface, and one object each. */
import { componentEmbed, componentNew } from '@bytecodealliance/jco';
import { beforeAll, expect, test } from 'vitest';
import { describeComponent } from '../../host/component/decode/describe.ts';
import { DecodeError, UnsupportedError } from '../../host/component/errors.ts';
import type { ComponentType, Extern, ExternType } from '../../host/component/types.ts';

const wit = `
package my:pkg@1.0.0;
interface base {
  enum colour { red, light-green }
  record pixel { colour: colour, label: option<string> }
}
interface things {
  use base.{pixel};
  resource thing {
    constructor(a: u32);
    get: func() -> pixel;
    copy: static func(of: borrow<thing>) -> thing;
  }
  wait: async func(t: thing) -> result<list<pixel>, string>;
}
interface user {
  use things.{thing as item};
  look: func(t: borrow<item>);
}
world all {
  record local { a: u8 }
  import host: interface { now: func() -> u64; }
  import plain: func(a: local) -> local;
  export base;
  export things;
  export user;
}
`;

let bytes: Uint8Array;
let type: ComponentType;

beforeAll(async () => {
  bytes = await componentNew(
    await componentEmbed({ witSource: wit, dummy: true, world: 'all' } as never),
    [],
  );
  type = describeComponent(bytes);
});

function named(externs: readonly Extern[], name: string): ExternType {
  const found = externs.find((extern) => extern.name === name);
  if (!found) throw new TypeError(`no ${name} among ${externs.map((extern) => extern.name).join(', ')}`);
  return found.type;
}

function exported(name: string): readonly Extern[] {
  const type_ = named(type.exports, name);
  if (type_.kind !== 'instance') throw new TypeError(`${name} is a ${type_.kind}`);
  return type_.exports;
}

function typeExport(externs: readonly Extern[], name: string) {
  const found = named(externs, name);
  if (found.kind !== 'type') throw new TypeError(`${name} is a ${found.kind}`);
  return found.type;
}

test('a named type belongs to the interface that declares it, wherever it is used', () => {
  const pixel = typeExport(exported('my:pkg/base@1.0.0'), 'pixel');
  expect(pixel.typeName).toEqual({ owner: 'my:pkg/base@1.0.0', name: 'pixel' });
  expect(typeExport(exported('my:pkg/things@1.0.0'), 'pixel')).toBe(pixel);
  const wait = named(exported('my:pkg/things@1.0.0'), 'wait');
  expect(wait).toMatchObject({
    kind: 'func',
    async: true,
    result: { kind: 'result', err: { kind: 'string' } },
  });
  const result = wait.kind === 'func' && wait.result?.kind === 'result' ? wait.result.ok : undefined;
  expect(result?.kind === 'list' && result.element).toBe(pixel);
});

test('a resource is one object, also under another name in another interface', () => {
  const things = exported('my:pkg/things@1.0.0');
  const thing = typeExport(things, 'thing');
  expect(thing).toMatchObject({
    kind: 'resource',
    typeName: { owner: 'my:pkg/things@1.0.0', name: 'thing' },
  });
  expect(typeExport(exported('my:pkg/user@1.0.0'), 'item')).toBe(thing);
  const look = named(exported('my:pkg/user@1.0.0'), 'look');
  expect(look).toMatchObject({ params: [{ name: 't', type: { kind: 'borrow' } }] });
  expect(look.kind === 'func' && look.params[0]?.type).toHaveProperty('resource', thing);
  expect(things.map((extern) => extern.name)).toEqual(
    expect.arrayContaining(['[constructor]thing', '[method]thing.get', '[static]thing.copy']),
  );
});

test('what stands in the world itself has no owner', () => {
  const local = typeExport(type.imports, 'local');
  expect(local.typeName).toEqual({ owner: undefined, name: 'local' });
  expect(named(type.imports, 'plain')).toMatchObject({ kind: 'func', result: { kind: 'record' } });
});

test('every truncation is refused with an offset inside the binary', () => {
  for (let length = 0; length < bytes.length; length += 1) {
    try {
      describeComponent(bytes.subarray(0, length));
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
      expect((error as DecodeError).offset).toBeLessThanOrEqual(length);
    }
  }
  expect(() => describeComponent(bytes.subarray(0, bytes.length - 1))).toThrow(DecodeError);
});

test('a damaged byte ends in a DecodeError or in a component, never in anything else', () => {
  const damaged = bytes.slice();
  for (let i = 0; i < bytes.length; i += 3) {
    for (const value of [0x00, 0x7f, 0xff]) {
      damaged[i] = value;
      try {
        describeComponent(damaged);
      } catch (error) {
        if (!(error instanceof DecodeError || error instanceof UnsupportedError)) throw error;
      }
    }
    damaged[i] = bytes[i]!;
  }
});

test('a core module is told apart from rubbish', () => {
  const core = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  expect(() => describeComponent(core)).toThrow(/found a core module/);
  expect(() => describeComponent(new TextEncoder().encode('rubbish'))).toThrow(/not a WebAssembly binary/);
});
