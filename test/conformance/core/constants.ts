/**
 * Constants and patterns of scripts: `(i32.const 7)`, `(f32.const nan:canonical)`, `(ref.extern 1)`.
 * Floating-point text becomes bits by assembling it, so no rounding is done here.
 */
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { headOf, isList, type List } from '../script.ts';

/** A value as it crosses `bits.ts`, or as JavaScript has it. */
export type Piece = number | bigint | unknown;

const lanes: Record<string, { count: number; bits: number; float: boolean }> = {
  i8x16: { count: 16, bits: 8, float: false },
  i16x8: { count: 8, bits: 16, float: false },
  i32x4: { count: 4, bits: 32, float: false },
  i64x2: { count: 2, bits: 64, float: false },
  f32x4: { count: 4, bits: 32, float: true },
  f64x2: { count: 2, bits: 64, float: true },
};

/** The bits of the floating-point constants of a script, by their text. */
export class FloatConstants {
  readonly #bits = new Map<string, bigint>();

  /** Assemble all that occur in these lists. */
  static async of(script: readonly List[]): Promise<FloatConstants> {
    const constants = new FloatConstants();
    const texts = new Set<string>();
    const collect = (list: List) => {
      const head = headOf(list);
      if (head === 'f32.const' || head === 'f64.const') texts.add(`${head} ${String(list.items[1])}`);
      else if (head === 'v128.const' && lanes[String(list.items[1])]?.float) {
        const type = String(list.items[1]).slice(0, 3);
        for (const lane of list.items.slice(2)) texts.add(`${type}.const ${String(lane)}`);
      } else if (head !== 'module') for (const item of list.items) if (isList(item)) collect(item);
    };
    for (const list of script) collect(list);
    await constants.#assemble(
      [...texts].filter((text) => !text.includes('nan:canonical') && !text.includes('nan:arithmetic')),
    );
    return constants;
  }

  async #assemble(texts: readonly string[]): Promise<void> {
    if (texts.length === 0) return;
    const data = new DataView(
      (
        await parse(`(module ${texts.map((text) => `(global ${text.slice(0, 3)} (${text}))`).join('')})`)
      ).slice().buffer,
    );
    // The global section alone: type, mutability, opcode, bits, end.
    let at = 8 + 1;
    while (data.getUint8(at++) >= 0x80);
    while (data.getUint8(at++) >= 0x80);
    for (const text of texts) {
      const wide = text.startsWith('f64');
      this.#bits.set(text, wide ? data.getBigUint64(at + 3, true) : BigInt(data.getUint32(at + 3, true)));
      at += wide ? 12 : 8;
    }
  }

  bits(type: string, text: string): bigint {
    return this.#bits.get(`${type}.const ${text}`)!;
  }
}

const integer = (text: string) => {
  const clean = text.replaceAll('_', '').replace(/^\+/, '');
  return clean.startsWith('-') ? -BigInt(clean.slice(1)) : BigInt(clean);
};

/** The object that stands for `(ref.extern n)`, the same one each time. */
const externals = new Map<string, object>();
function external(number: string): object {
  const found = externals.get(number) ?? { external: number };
  externals.set(number, found);
  return found;
}

/** One argument of a call, in pieces. */
export function argument(list: List, floats: FloatConstants): Piece[] {
  const [head, ...rest] = list.items.map(String);
  switch (head) {
    case 'i32.const':
      return [Number(BigInt.asIntN(32, integer(rest[0]!)))];
    case 'i64.const':
      return [BigInt.asIntN(64, integer(rest[0]!))];
    case 'f32.const':
      return [Number(BigInt.asIntN(32, floats.bits('f32', rest[0]!)))];
    case 'f64.const':
      return [BigInt.asIntN(64, floats.bits('f64', rest[0]!))];
    case 'v128.const':
      return vector(rest[0]!, rest.slice(1), floats).map((half) => BigInt.asIntN(64, half));
    case 'ref.null':
      return [null];
    case 'ref.extern':
    case 'ref.host':
      return [external(rest[0]!)];
    default:
      throw new SyntaxError(`line ${list.line}: ${head} is no argument that is known here`);
  }
}

function vector(shape: string, texts: readonly string[], floats: FloatConstants): [bigint, bigint] {
  const { bits, float } = lanes[shape]!;
  let whole = 0n;
  for (const [index, text] of texts.entries()) {
    const lane = float ? floats.bits(shape.slice(0, 3), text) : BigInt.asUintN(bits, integer(text));
    whole |= lane << BigInt(index * bits);
  }
  return [BigInt.asUintN(64, whole), whole >> 64n];
}

/** How many pieces a value of the pattern's type has. */
export function width(pattern: List): number {
  const head = headOf(pattern);
  return head === 'v128.const' || (head === 'either' && width(pattern.items[1] as List) === 2) ? 2 : 1;
}

/** Whether a result, in pieces, is what a pattern asks for. */
export function matches(pattern: List, pieces: readonly Piece[], floats: FloatConstants): boolean {
  const [head, ...rest] = pattern.items.map((item) => (isList(item) ? '' : String(item)));
  const [value] = pieces;
  switch (head) {
    case 'either':
      return pattern.items.slice(1).some((other) => isList(other) && matches(other, pieces, floats));
    case 'f32.const':
      return (
        typeof value === 'number' && floatMatches(32, BigInt.asUintN(32, BigInt(value)), rest[0]!, floats)
      );
    case 'f64.const':
      return typeof value === 'bigint' && floatMatches(64, BigInt.asUintN(64, value), rest[0]!, floats);
    case 'v128.const': {
      if (typeof value !== 'bigint') return false;
      const { count, bits, float } = lanes[rest[0]!]!;
      const whole = BigInt.asUintN(64, value) | (BigInt.asUintN(64, pieces[1] as bigint) << 64n);
      return Array.from({ length: count }, (_, index) => {
        const lane = BigInt.asUintN(bits, whole >> BigInt(index * bits));
        const text = rest[index + 1]!;
        return float ? floatMatches(bits, lane, text, floats) : lane === BigInt.asUintN(bits, integer(text));
      }).every(Boolean);
    }
    case 'ref.null':
      return value === null;
    case 'ref.extern':
    case 'ref.host':
      return rest.length === 0 ? value !== null : value === external(rest[0]!);
    case 'ref.func':
      return typeof value === 'function';
    case 'ref.i31':
      return typeof value === 'number';
    case 'ref.any':
    case 'ref.eq':
    case 'ref.struct':
    case 'ref.array':
      return value !== null && value !== undefined;
    default:
      return argument(pattern, floats).every((piece, index) => piece === pieces[index]);
  }
}

function floatMatches(bits: number, actual: bigint, text: string, floats: FloatConstants): boolean {
  const quiet = bits === 32 ? 0x7fc00000n : 0x7ff8000000000000n;
  const magnitude = BigInt.asUintN(bits - 1, actual);
  if (text === 'nan:canonical') return magnitude === quiet;
  if (text === 'nan:arithmetic') return (magnitude & quiet) === quiet;
  return actual === floats.bits(`f${bits}`, text);
}
