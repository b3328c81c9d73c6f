/**
 * Types as the differential tests draw them, and how WIT writes them. Deliberately not the runtime's own
 * `types.ts`: what is tested must not describe itself.
 */

export const scalars = [
  'bool',
  's8',
  'u8',
  's16',
  'u16',
  's32',
  'u32',
  's64',
  'u64',
  'f32',
  'f64',
  'char',
  'string',
] as const;

export type Scalar = (typeof scalars)[number];

/** `own-host`, `borrow-guest`…: a handle of the resource `thing` that the host, or the guest, defines. */
export type Handle = 'own-host' | 'own-guest' | 'borrow-host' | 'borrow-guest';

export type Shape =
  | { readonly kind: Scalar | Handle }
  | { readonly kind: 'list'; readonly element: Shape }
  /** A list whose length the type says. */
  | { readonly kind: 'array'; readonly element: Shape; readonly length: number }
  | { readonly kind: 'map'; readonly key: Shape; readonly value: Shape }
  | { readonly kind: 'option'; readonly some: Shape }
  | { readonly kind: 'tuple' | 'record'; readonly parts: readonly Shape[] }
  | { readonly kind: 'variant' | 'result'; readonly cases: readonly (Shape | null)[] }
  | { readonly kind: 'enum' | 'flags'; readonly count: number };

/** One drawn function. It returns its one parameter, or a tuple of all of them; borrows come back as `u32`. */
export interface FunctionShape {
  readonly params: readonly Shape[];
}

/** The shapes directly inside a shape. */
export function children(shape: Shape): readonly Shape[] {
  switch (shape.kind) {
    case 'list':
    case 'array':
      return [shape.element];
    case 'map':
      return [shape.key, shape.value];
    case 'option':
      return [shape.some];
    case 'tuple':
    case 'record':
      return shape.parts;
    case 'variant':
    case 'result':
      return shape.cases.filter((one) => one !== null);
    default:
      return [];
  }
}

/** A word of letters, different for each number: names in WIT may hold no digit at the start of a word. */
export function word(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : word(Math.floor(index / 26) - 1) + last;
}

/** The kebab-case name of a field, case, flag or parameter, and as JavaScript spells it. */
export function memberName(index: number): string {
  return `the-${word(index)}`;
}

export function memberKey(index: number): string {
  const letters = word(index);
  return `the${letters[0]!.toUpperCase()}${letters.slice(1)}`;
}

/** The shape of what comes back. */
export function resultShape({ params }: FunctionShape): Shape | undefined {
  const parts = params.map(returned);
  return parts.length > 1 ? { kind: 'tuple', parts } : parts[0];
}

export function returned(shape: Shape): Shape {
  return isBorrow(shape) ? { kind: 'u32' } : shape;
}

export function isBorrow(shape: Shape): boolean {
  return shape.kind === 'borrow-host' || shape.kind === 'borrow-guest';
}

/**
 * Is its absent value `undefined`? Not so where `undefined` already means something inside: `option<option<u8>>`
 * is `{ tag, val }`.
 */
export function isNullable(shape: Shape): boolean {
  return shape.kind === 'option' && !isNullable(shape.some);
}

/** Does a handle of a resource travel anywhere in it? */
export function holdsHandle(shape: Shape): boolean {
  return shape.kind.includes('-') || children(shape).some(holdsHandle);
}

/** Writes shapes as WIT, declaring the types that WIT wants named as it meets them. */
export class WitWriter {
  /** Declarations of named types, in the order in which they are needed. */
  readonly declarations: string[] = [];

  type(shape: Shape): string {
    switch (shape.kind) {
      case 'list':
        return `list<${this.type(shape.element)}>`;
      case 'array':
        return `list<${this.type(shape.element)}, ${shape.length}>`;
      case 'map':
        return `map<${this.type(shape.key)}, ${this.type(shape.value)}>`;
      case 'option':
        return `option<${this.type(shape.some)}>`;
      case 'tuple':
        return `tuple<${shape.parts.map((part) => this.type(part)).join(', ')}>`;
      case 'result': {
        const [ok, err] = shape.cases.map((one) => (one ? this.type(one) : '_'));
        return err === '_' ? (ok === '_' ? 'result' : `result<${ok}>`) : `result<${ok}, ${err}>`;
      }
      case 'record':
        return this.#declare(
          'record',
          shape.parts.map((part, i) => `${memberName(i)}: ${this.type(part)}`),
        );
      case 'variant':
        return this.#declare(
          'variant',
          shape.cases.map((one, i) => (one ? `${memberName(i)}(${this.type(one)})` : memberName(i))),
        );
      case 'enum':
      case 'flags':
        return this.#declare(
          shape.kind,
          Array.from({ length: shape.count }, (_, i) => memberName(i)),
        );
      case 'own-host':
        return 'host-thing';
      case 'own-guest':
        return 'guest-thing';
      case 'borrow-host':
        return 'borrow<host-thing>';
      case 'borrow-guest':
        return 'borrow<guest-thing>';
      default:
        return shape.kind;
    }
  }

  /** `func(…) -> …` of the echo. */
  function(echo: FunctionShape): string {
    const params = echo.params.map((param, i) => `${memberName(i)}: ${this.type(param)}`);
    const result = resultShape(echo);
    return `func(${params.join(', ')})${result ? ` -> ${this.type(result)}` : ''}`;
  }

  #declare(kind: string, members: readonly string[]): string {
    const name = `${kind}-${word(this.declarations.length)}`;
    this.declarations.push(`${kind} ${name} { ${members.join(', ')} }`);
    return name;
  }
}
