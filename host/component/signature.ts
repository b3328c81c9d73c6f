/**
 * A function type as one line of WIT with every named type spelled out, so that two types can be
 * compared as text and a difference shown to a person:
 * `func(dataset: string, key: string) -> option<list<tuple<string, string>>>`.
 */
import type { FunctionType, ResourceType, ValueType } from './types.ts';

/**
 * Longest text, characters. Types that share parts are small in a binary and may be exponentially
 * long when spelled out; what is longer than this ends in `…`, which equals no type.
 */
const LENGTH_MAX = 8192;

/** `type` as text, `async func` where it may suspend. */
export function signature(type: FunctionType): string {
  const writer = new SignatureWriter();
  writer.function(type);
  return writer.text.length > LENGTH_MAX ? `${writer.text.slice(0, LENGTH_MAX)}…` : writer.text;
}

class SignatureWriter {
  text = '';

  function(type: FunctionType): void {
    this.text += type.async ? 'async func(' : 'func(';
    this.#list(type.params, (param) => {
      this.text += `${param.name}: `;
      this.#value(param.type);
    });
    this.text += ')';
    if (type.result !== undefined) {
      this.text += ' -> ';
      this.#value(type.result);
    }
  }

  #value(type: ValueType): void {
    if (this.text.length > LENGTH_MAX) return;
    switch (type.kind) {
      case 'record':
        this.#braced('record', type.fields, (field) => {
          this.text += `${field.name}: `;
          this.#value(field.type);
        });
        break;
      case 'variant':
        this.#braced('variant', type.cases, (c) => {
          this.text += c.name;
          if (c.type !== undefined) this.#bracket('(', c.type, ')');
        });
        break;
      case 'flags':
      case 'enum':
        this.#braced(type.kind, type.names, (name) => {
          this.text += name;
        });
        break;
      case 'list':
        if (type.map && type.element.kind === 'tuple') {
          this.text += 'map<';
          this.#list(type.element.elements, (part) => this.#value(part));
          this.text += '>';
          break;
        }
        this.#bracket('list<', type.element, type.length === undefined ? '>' : `, ${type.length}>`);
        break;
      case 'option':
        this.#bracket('option<', type.some, '>');
        break;
      case 'tuple':
        this.text += 'tuple<';
        this.#list(type.elements, (element) => this.#value(element));
        this.text += '>';
        break;
      case 'result':
        this.#result(type.ok, type.err);
        break;
      case 'own':
        this.text += resourceName(type.resource);
        break;
      case 'borrow':
        this.text += `borrow<${resourceName(type.resource)}>`;
        break;
      case 'stream':
      case 'future':
        if (type.element === undefined) this.text += type.kind;
        else this.#bracket(`${type.kind}<`, type.element, '>');
        break;
      default:
        this.text += type.kind;
    }
  }

  #result(ok: ValueType | undefined, err: ValueType | undefined): void {
    if (ok === undefined && err === undefined) {
      this.text += 'result';
      return;
    }
    this.text += 'result<';
    if (ok === undefined) this.text += '_';
    else this.#value(ok);
    if (err !== undefined) {
      this.text += ', ';
      this.#value(err);
    }
    this.text += '>';
  }

  #bracket(open: string, inner: ValueType, close: string): void {
    this.text += open;
    this.#value(inner);
    this.text += close;
  }

  #braced<T>(keyword: string, items: readonly T[], write: (item: T) => void): void {
    this.text += `${keyword} { `;
    this.#list(items, write);
    this.text += ' }';
  }

  #list<T>(items: readonly T[], write: (item: T) => void): void {
    for (const [index, item] of items.entries()) {
      if (this.text.length > LENGTH_MAX) return;
      if (index > 0) this.text += ', ';
      write(item);
    }
  }
}

function resourceName(resource: ResourceType): string {
  return resource.typeName?.name ?? 'resource';
}
