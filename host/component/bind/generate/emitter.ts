/**
 * JavaScript source being written. Two rules keep it safe: identifiers are made here (`t12`), and the
 * only text of a component that may be written is a label, through `label()`, which checks it again.
 */

import { DecodeError } from '../../errors.ts';
import { camelCase, isLabel } from '../../names.ts';
import type { ResourceType } from '../../types.ts';

/** One side of the call as generated code names it. */
export interface SideNames {
  /** Prefix of its variables: `aM` the memory, `aR` realloc, `aI` the instance, `aS` the borrow scope, `aF3` a handle face. */
  readonly prefix: 'a';
  readonly encoding: string;
  /** Resources in the order of first use; their faces are handed in by this order. */
  readonly resources: ResourceType[];
}

export function sideNames(prefix: SideNames['prefix'], encoding: string): SideNames {
  return { prefix, encoding, resources: [] };
}

export function faceName(side: SideNames, resource: ResourceType): string {
  let index = side.resources.indexOf(resource);
  if (index < 0) index = side.resources.push(resource) - 1;
  return `${side.prefix}F${index}`;
}

export class Emitter {
  readonly #lines: string[] = [];
  readonly #constants: string[];
  #names = 0;

  constructor(constants: string[] = []) {
    this.#constants = constants;
  }

  /** The body of another function beside this one, with the same constants. */
  separate(): Emitter {
    return new Emitter(this.#constants);
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  fresh(): string {
    return `t${this.#names++}`;
  }

  /** Give an expression a name, so that it is evaluated once and here. */
  bind(expression: string): string {
    const name = this.fresh();
    this.line(`const ${name} = ${expression};`);
    return name;
  }

  /** A value that all calls share, outside the function. */
  constant(expression: string): string {
    const name = `k${this.#constants.length}`;
    this.#constants.push(`const ${name} = ${expression};`);
    return name;
  }

  get constants(): string {
    return this.#constants.join('\n');
  }

  get text(): string {
    return this.#lines.join('\n');
  }
}

/** A field, flag, case or enum name as a string literal. */
export function label(name: string): string {
  if (!isLabel(name)) throw new DecodeError('a name that is not in kebab case reached code generation', 0);
  return `'${name}'`;
}

/** A field or flag as JavaScript spells it: an identifier by the grammar of labels. */
export function property(name: string): string {
  label(name);
  return camelCase(name);
}
