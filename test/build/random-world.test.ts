import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EchoType, echoGuest } from './scratch-guest.ts';

/** A type as WIT and as AssemblyScript write it, what it needs declared, and values of it. */
interface RandomType extends EchoType {
  /** Declarations by name. */
  readonly declares: ReadonlyMap<string, string>;
  readonly values: fc.Arbitrary<unknown>;
  readonly reference: boolean;
  readonly option: boolean;
}

const none = new Map<string, string>();
const leaf = (wit: string, as: string, values: fc.Arbitrary<unknown>, reference = false): RandomType => ({
  wit,
  as,
  values,
  reference,
  declares: none,
  option: false,
});
const float = (bits: 32 | 64) => (bits === 32 ? fc.float({ noNaN: true }) : fc.double({ noNaN: true }));
const big = (min: bigint, max: bigint) => fc.bigInt({ min, max });

const leaves: RandomType[] = [
  leaf('bool', 'bool', fc.boolean()),
  leaf('u8', 'u8', fc.integer({ min: 0, max: 255 })),
  leaf('s16', 'i16', fc.integer({ min: -32768, max: 32767 })),
  leaf('u32', 'u32', fc.integer({ min: 0, max: 4294967295 })),
  leaf('s64', 'i64', big(-(2n ** 63n), 2n ** 63n - 1n)),
  leaf('u64', 'u64', big(0n, 2n ** 64n - 1n)),
  leaf('f32', 'f32', float(32)),
  leaf('f64', 'f64', float(64)),
  leaf('char', 'u32', fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
  leaf('string', 'string', fc.string({ unit: 'binary' }), true),
  leaf('list<u8>', 'Uint8Array', fc.uint8Array(), true),
  leaf('list<f64>', 'Float64Array', fc.float64Array({ noNaN: true }), true),
];

let named = 0;
const all = (types: readonly RandomType[]) => new Map(types.flatMap((type) => [...type.declares]));

/** A declared type; `declaration` gets its name. */
function declared(
  parts: readonly RandomType[],
  keyword: string,
  body: string,
  values: fc.Arbitrary<unknown>,
): RandomType {
  const name = `t${named++}x`;
  const declares = all(parts).set(name, `${keyword} ${name} { ${body} }`);
  return {
    wit: name,
    as: name.replace('t', 'T'),
    declares,
    values,
    reference: keyword !== 'enum',
    option: false,
  };
}

function record(fields: readonly RandomType[]): RandomType {
  const body = fields.map((field, i) => `m${i}x: ${field.wit}`).join(', ');
  const values = fc.record(Object.fromEntries(fields.map((field, i) => [`m${i}x`, field.values])));
  return declared(fields, 'record', body, values);
}

function variant(cases: readonly (RandomType | undefined)[]): RandomType {
  const body = cases.map((of, i) => (of === undefined ? `c${i}x` : `c${i}x(${of.wit})`)).join(', ');
  const values = fc.oneof(
    ...cases.map((of, i) =>
      of === undefined ? fc.constant({ tag: `c${i}x` }) : of.values.map((val) => ({ tag: `c${i}x`, val })),
    ),
  );
  return declared(
    cases.filter((of) => of !== undefined),
    'variant',
    body,
    values,
  );
}

function flags(count: number): RandomType {
  const names = Array.from({ length: count }, (_, i) => `g${i}x`);
  return declared(
    [],
    'flags',
    names.join(', '),
    fc.record(Object.fromEntries(names.map((name) => [name, fc.boolean()]))),
  );
}

function enumeration(count: number): RandomType {
  const names = Array.from({ length: count }, (_, i) => `e${i}x`);
  return declared([], 'enum', names.join(', '), fc.constantFrom(...names));
}

function option(of: RandomType): RandomType {
  const as = of.reference && !of.option ? `${of.as} | null` : `Option<${of.as}>`;
  const values = of.option
    ? fc.oneof(
        fc.constant({ tag: 'none' }),
        of.values.map((val) => ({ tag: 'some', val })),
      )
    : fc.option(of.values, { nil: undefined });
  return { wit: `option<${of.wit}>`, as, values, declares: of.declares, reference: true, option: true };
}

function list(of: RandomType): RandomType {
  const as = of.wit === 'char' ? 'Uint32Array' : `Array<${of.as}>`;
  const values = fc.array(of.values, { maxLength: 5 });
  return { wit: `list<${of.wit}>`, as, values, declares: of.declares, reference: true, option: false };
}

function tuple(parts: readonly RandomType[]): RandomType {
  return {
    wit: `tuple<${parts.map((part) => part.wit).join(', ')}>`,
    as: `Tuple${parts.length}<${parts.map((part) => part.as).join(', ')}>`,
    values: fc.tuple(...parts.map((part) => part.values)),
    declares: all(parts),
    reference: true,
    option: false,
  };
}

/** In a tuple, because a result that a function returns by itself is thrown. */
function result(ok: RandomType | undefined, err: RandomType | undefined): RandomType {
  const side = (tag: string, of: RandomType | undefined) =>
    of === undefined ? fc.constant({ tag }) : of.values.map((val) => ({ tag, val }));
  return tuple([
    {
      wit: `result<${ok?.wit ?? '_'}, ${err?.wit ?? '_'}>`.replace(/<_, _>|, _(?=>$)/, ''),
      as: `Result<${ok?.as ?? 'Unit'}, ${err?.as ?? 'Unit'}>`,
      values: fc.oneof(side('ok', ok), side('err', err)),
      declares: all([ok, err].filter((of) => of !== undefined)),
      reference: true,
      option: false,
    },
  ]);
}

/** Lists of these are typed arrays, in both languages: left to the fixed test. */
const plainNumber = /^(?:[su]\d+|f\d+)$/;

const type: fc.Arbitrary<RandomType> = fc.letrec<{ type: RandomType }>((tie) => {
  const some = fc.array(tie('type'), { minLength: 1, maxLength: 5 });
  const maybe = fc.option(tie('type'), { nil: undefined });
  return {
    type: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom(...leaves),
      some.map(record),
      some.map(tuple),
      fc.array(maybe, { minLength: 1, maxLength: 5 }).map(variant),
      fc.integer({ min: 1, max: 32 }).map(flags),
      fc.integer({ min: 1, max: 300 }).map(enumeration),
      tie('type').map(option),
      tie('type')
        .filter((of) => !plainNumber.test(of.wit))
        .map(list),
      fc.tuple(maybe, maybe).map(([ok, err]) => result(ok, err)),
    ),
  };
}).type;

test('values of random types round-trip', async () => {
  const seed = fc.readConfigureGlobal().seed ?? Date.now() % 2 ** 31;
  const types = fc.sample(type, { numRuns: 20, seed });
  const declares = all(types);
  const names = [...declares.keys()].map((name) => name.replace('t', 'T'));
  const echo = await echoGuest(types, [...declares.values()].join('\n'), names);
  types.forEach((of, i) => {
    fc.assert(
      fc.property(of.values, (value) => {
        expect(echo.functions[`fn${i}`](value), `${of.wit}, types of seed ${seed}`).toEqual(value);
        expect(echo.seen(), `${of.wit}, types of seed ${seed}`).toEqual(value);
      }),
      { numRuns: 20 },
    );
  });
}, 60_000);
