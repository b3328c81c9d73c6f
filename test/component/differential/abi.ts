/**
 * Where values lie in memory and how they travel flat: an independent reading of CanonicalABI.md
 * ("Alignment", "Element Size", "Flattening"), so that a mistake of the runtime's own is not repeated.
 */
import type { Shape } from './shape.ts';

export type CoreType = 'i32' | 'i64' | 'f32' | 'f64';

const numbers: Record<string, readonly [bytes: number, flat: CoreType]> = {
  bool: [1, 'i32'],
  u8: [1, 'i32'],
  s8: [1, 'i32'],
  u16: [2, 'i32'],
  s16: [2, 'i32'],
  u32: [4, 'i32'],
  s32: [4, 'i32'],
  char: [4, 'i32'],
  f32: [4, 'f32'],
  u64: [8, 'i64'],
  s64: [8, 'i64'],
  f64: [8, 'f64'],
};

/** The cases of everything that is a choice; undefined for what is not. */
export function choices(shape: Shape): readonly (Shape | null)[] | undefined {
  if (shape.kind === 'variant' || shape.kind === 'result') return shape.cases;
  if (shape.kind === 'option') return [null, shape.some];
  if (shape.kind === 'enum') return Array.from({ length: shape.count }, () => null);
  return undefined;
}

export function alignOf(shape: Shape): number {
  const number = numbers[shape.kind];
  if (number) return number[0];
  if (shape.kind === 'tuple' || shape.kind === 'record') return Math.max(1, ...shape.parts.map(alignOf));
  if (shape.kind === 'array') return alignOf(shape.element);
  if (shape.kind === 'flags') return flagBytes(shape.count);
  const cases = choices(shape);
  if (cases) return Math.max(discriminantBytes(cases.length), payloadAlign(cases));
  return 4;
}

export function sizeOf(shape: Shape): number {
  const number = numbers[shape.kind];
  if (number) return number[0];
  if (shape.kind === 'string' || shape.kind === 'list' || shape.kind === 'map') return 8;
  if (shape.kind === 'array') return sizeOf(shape.element) * shape.length;
  if (shape.kind === 'flags') return flagBytes(shape.count);
  if (shape.kind === 'tuple' || shape.kind === 'record') {
    const { end } = offsetsOf(shape.parts);
    return up(end, alignOf(shape));
  }
  const cases = choices(shape);
  if (!cases) return 4;
  const largest = Math.max(0, ...cases.map((one) => (one ? sizeOf(one) : 0)));
  return up(payloadOffsetOf(cases) + largest, alignOf(shape));
}

/** Where the parts of a tuple or record begin, and where the last one ends. */
export function offsetsOf(parts: readonly Shape[]): { offsets: number[]; end: number } {
  let end = 0;
  const offsets = parts.map((part) => {
    const start = up(end, alignOf(part));
    end = start + sizeOf(part);
    return start;
  });
  return { offsets, end };
}

export function payloadOffsetOf(cases: readonly (Shape | null)[]): number {
  return up(discriminantBytes(cases.length), payloadAlign(cases));
}

export function flatten(shape: Shape): CoreType[] {
  const number = numbers[shape.kind];
  if (number) return [number[1]];
  if (shape.kind === 'string' || shape.kind === 'list' || shape.kind === 'map') return ['i32', 'i32'];
  if (shape.kind === 'array') {
    const element = flatten(shape.element);
    return Array.from({ length: shape.length }, () => element).flat();
  }
  if (shape.kind === 'tuple' || shape.kind === 'record') return shape.parts.flatMap(flatten);
  const cases = choices(shape);
  if (!cases) return ['i32'];
  const joined: CoreType[] = [];
  for (const one of cases) {
    for (const [i, type] of (one ? flatten(one) : []).entries()) {
      const before = joined[i];
      if (before === undefined || before === type) joined[i] = type;
      else joined[i] = before.endsWith('32') && type.endsWith('32') ? 'i32' : 'i64';
    }
  }
  return ['i32', ...joined];
}

export function discriminantBytes(cases: number): number {
  return cases <= 256 ? 1 : cases <= 65_536 ? 2 : 4;
}

export function flagBytes(count: number): number {
  return count <= 8 ? 1 : count <= 16 ? 2 : 4;
}

function payloadAlign(cases: readonly (Shape | null)[]): number {
  return Math.max(1, ...cases.map((one) => (one ? alignOf(one) : 1)));
}

function up(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}
