/**
 * The outer syntax of a .wast script: a list of s-expressions, each with the text it was written in,
 * so that the text of a component can be handed on as it is. Assembling that text is not done here.
 */

export interface List {
  readonly items: readonly Node[];
  /** The text from `(` to `)`. */
  readonly source: string;
  readonly line: number;
}

/** A string comes with its quotes off and its escapes resolved to bytes. */
export interface Text {
  readonly bytes: Uint8Array;
}

export type Node = List | Text | string;

export function isList(node: Node | undefined): node is List {
  return typeof node === 'object' && 'items' in node;
}

export function isText(node: Node | undefined): node is Text {
  return typeof node === 'object' && 'bytes' in node;
}

export function textOf(node: Node | undefined): string {
  return isText(node) ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(node.bytes) : '';
}

export function headOf(list: List): string {
  return typeof list.items[0] === 'string' ? list.items[0] : '';
}

/** @throws SyntaxError where parentheses or quotes do not match */
export function readScript(source: string): List[] {
  const reader = new ScriptReader(source);
  const lists: List[] = [];
  for (;;) {
    const node = reader.next();
    if (node === undefined) return lists;
    if (isList(node)) lists.push(node);
  }
}

class ScriptReader {
  readonly #source: string;
  #at = 0;
  #line = 1;

  constructor(source: string) {
    this.#source = source;
  }

  next(): Node | undefined {
    this.#skip();
    const char = this.#source[this.#at];
    if (char === undefined) return undefined;
    if (char === '(') return this.#list();
    if (char === '"') return this.#string();
    const start = this.#at;
    while (this.#at < this.#source.length && !/[\s()";]/.test(this.#source[this.#at]!)) this.#at++;
    if (this.#at === start) this.#at++;
    return this.#source.slice(start, this.#at);
  }

  #list(): List {
    const start = this.#at++;
    const line = this.#line;
    const items: Node[] = [];
    for (;;) {
      this.#skip();
      if (this.#source[this.#at] === ')') break;
      const node = this.next();
      if (node === undefined) throw new SyntaxError(`the list that begins on line ${line} does not end`);
      items.push(node);
    }
    this.#at++;
    return { items, line, source: this.#source.slice(start, this.#at) };
  }

  #string(): Text {
    const bytes: number[] = [];
    const encoder = new TextEncoder();
    let at = this.#at + 1;
    for (;;) {
      const char = this.#source[at];
      if (char === undefined) throw new SyntaxError(`the string on line ${this.#line} does not end`);
      if (char === '"') break;
      if (char === '\n') this.#line++;
      if (char !== '\\') {
        const code = this.#source.codePointAt(at)!;
        const text = String.fromCodePoint(code);
        bytes.push(...encoder.encode(text));
        at += text.length;
        continue;
      }
      const escaped = this.#source[at + 1]!;
      const simple = { n: 10, t: 9, r: 13, '\\': 92, '"': 34, "'": 39 }[escaped];
      if (simple !== undefined) {
        bytes.push(simple);
        at += 2;
      } else if (escaped === 'u') {
        const end = this.#source.indexOf('}', at);
        bytes.push(
          ...encoder.encode(String.fromCodePoint(Number.parseInt(this.#source.slice(at + 3, end), 16))),
        );
        at = end + 1;
      } else {
        bytes.push(Number.parseInt(this.#source.slice(at + 1, at + 3), 16));
        at += 3;
      }
    }
    this.#at = at + 1;
    return { bytes: Uint8Array.from(bytes) };
  }

  #skip(): void {
    for (;;) {
      const char = this.#source[this.#at];
      if (char === '\n') this.#line++;
      if (char === ' ' || char === '\n' || char === '\t' || char === '\r') this.#at++;
      else if (this.#source.startsWith(';;', this.#at)) {
        const end = this.#source.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#source.length : end;
      } else if (this.#source.startsWith('(;', this.#at)) this.#skipBlock();
      else return;
    }
  }

  #skipBlock(): void {
    let depth = 0;
    do {
      if (this.#source.startsWith('(;', this.#at)) {
        depth++;
        this.#at += 2;
      } else if (this.#source.startsWith(';)', this.#at)) {
        depth--;
        this.#at += 2;
      } else {
        if (this.#source[this.#at] === '\n') this.#line++;
        this.#at++;
      }
    } while (depth > 0 && this.#at < this.#source.length);
  }
}
