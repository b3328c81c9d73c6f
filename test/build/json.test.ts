import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { InterfaceExports } from '../../host/component/index.ts';
import { buildOwnWorld, instantiate } from './scratch-guest.ts';

const wit = `package test:json;
interface json {
  /// The text as a flat list of what was found, in order, or the error.
  read: func(text: string) -> result<list<string>, string>;
  /// The bits of the number.
  number: func(text: string) -> result<u64, string>;
}
world w { export json; }`;

const source = `import { Result } from './generated/wit';
import { JsonKind, JsonValue, parse } from './generated/json';
function walk(value: JsonValue, out: string[]): void {
  switch (value.kind) {
    case JsonKind.Null: out.push('null'); break;
    case JsonKind.Bool: out.push(value.asBool() ? 'true' : 'false'); break;
    case JsonKind.Number: out.push('number ' + reinterpret<u64>(value.asNumber()).toString()); break;
    case JsonKind.String: out.push('string ' + value.asString()); break;
    case JsonKind.Array: {
      const items = value.asArray();
      out.push('[');
      for (let i = 0; i < items.length; i++) walk(items[i], out);
      out.push(']');
      break;
    }
    default: {
      const keys = value.asObject().keys();
      out.push('{');
      for (let i = 0; i < keys.length; i++) { out.push('key ' + keys[i]); walk(value.get(keys[i])!, out); }
      out.push('}');
    }
  }
}
export function read(text: string): Result<Array<string>, string> {
  const parsed = parse(text);
  if (parsed.isErr) return Result.err<Array<string>, string>(parsed.unwrapErr().toString());
  const out: string[] = [];
  walk(parsed.unwrap(), out);
  return Result.ok<Array<string>, string>(out);
}
export function number(text: string): Result<u64, string> {
  const parsed = parse(text);
  if (parsed.isErr) return Result.err<u64, string>(parsed.unwrapErr().toString());
  return Result.ok<u64, string>(reinterpret<u64>(parsed.unwrap().asNumber()));
}
`;

let guest: InterfaceExports;
beforeAll(async () => {
  guest = (await instantiate(await buildOwnWorld(wit, source))).exports['test:json/json']!;
});

const bits = (value: number) => new BigUint64Array(Float64Array.of(value).buffer)[0]!;

/** What the guest should answer for a value, with `JSON.parse` as the judge. */
function flat(value: unknown): string[] {
  if (value === null || typeof value === 'boolean') return [String(value)];
  if (typeof value === 'number') return [`number ${bits(value)}`];
  if (typeof value === 'string') return [`string ${value.toWellFormed()}`];
  if (Array.isArray(value)) return ['[', ...value.flatMap(flat), ']'];
  return [
    '{',
    ...Object.entries(value as object).flatMap(([key, of]) => [`key ${key.toWellFormed()}`, ...flat(of)]),
    '}',
  ];
}

/** Objects whose keys JavaScript does not reorder. */
const json = fc.jsonValue({ maxDepth: 5 }).filter((value) => !/"\d+":/.test(JSON.stringify(value)));

test('what JSON.stringify writes is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 2, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space);
      expect(guest.read(text)).toEqual(flat(JSON.parse(text)));
    }),
    { numRuns: 500 },
  );
});

test('a text that JSON.parse refuses is refused, one that it takes is taken', () => {
  const damaged = fc
    .tuple(json, fc.nat(), fc.constantFrom(...'{}[]",:\\ \n\t-+.0e1tfnu\u0001é'), fc.boolean())
    .map(([value, at, unit, insert]) => {
      const text = JSON.stringify(value);
      const place = at % (text.length + 1);
      return text.slice(0, place) + unit + text.slice(place + (insert ? 0 : 1));
    })
    .filter((text) => !/"\d+" *:|"__proto__"/.test(text));
  fc.assert(
    fc.property(damaged, (text) => {
      let expected: string[];
      try {
        expected = flat(JSON.parse(text));
      } catch {
        expect(() => guest.read(text), text).toThrow(/ at offset \d+$/);
        return;
      }
      // JavaScript keeps a repeated key's first place; so does the guest's map.
      expect(guest.read(text), text).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});

test('a number becomes the nearest f64, whatever its length', () => {
  const digits = (max: number) =>
    fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: max }).map((all) => all.join(''));
  const texts = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc
      .tuple(fc.nat(), fc.integer({ min: -340, max: 320 }))
      .map(([whole, exponent]) => `-${whole}e${exponent}`),
    fc
      .tuple(fc.nat(), digits(40), fc.integer({ min: -360, max: 320 }))
      .map(([whole, fraction, exponent]) => `${whole}.${fraction}E${exponent}`),
    digits(1000).map((fraction) => `0.${fraction}`),
    // Halfway between two neighbours, and a little more: the hardest to round.
    fc.double({ min: 1, max: 2 ** 52, noNaN: true }).map((value) => {
      const [exponent, mantissa] = [bits(value) >> 52n, (bits(value) & (2n ** 52n - 1n)) | (2n ** 52n)];
      const shift = 1076n - exponent; // value + half a step = (4 · mantissa + 2) / 2^(shift + 1)
      const scaled = (4n * mantissa + 2n) * 5n ** (shift + 1n);
      return `${scaled}e-${shift + 1n}`;
    }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(guest.number(text), text).toBe(bits(Number(text)));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  '1.4172394958733511e+44',
  '5e-324',
  '2.4703282292062328e-324',
  '1.7976931348623157e308',
  '1.7976931348623159e308',
  '1e400',
  '1e-400',
  '-0',
  '0e5',
  '1e99999999999',
  '9007199254740993',
  '2.2250738585072011e-308',
])('the number %s', (text) => {
  expect(guest.number(text)).toBe(bits(Number(text)));
});

test.each([
  ['', 'expected a value at offset 0'],
  ['{"a":1,}', 'expected a key in quotes at offset 7'],
  ['[1 2]', 'expected "," or "]" at offset 3'],
  ['{"a" 1}', 'expected ":" at offset 5'],
  ['"ab', 'expected the end of the string at offset 3'],
  ['"\\x"', 'expected one of "\\/bfnrtu behind a backslash at offset 2'],
  ['"\\u12g4"', 'expected four hexadecimal digits at offset 5'],
  ['01', 'expected no digit behind a leading zero at offset 1'],
  ['1.', 'expected a digit at offset 2'],
  ['{} x', 'expected nothing behind the value at offset 3'],
])('%j: %s', (text, message) => {
  expect(() => guest.read(text)).toThrow(expect.objectContaining({ payload: message }));
});

test('nesting is read to 128 levels and refused beyond, however deep', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect(guest.read(nested(128))).toHaveLength(256);
  for (const depth of [129, 100_000]) {
    expect(() => guest.read(nested(depth))).toThrow('expected at most 128 levels of nesting at offset 128');
  }
});
