/**
 * Runs the component model's .wast scripts. The scripts are the caller's: nothing of them is kept here.
 * Text is assembled by wasm-tools; decoding, validation, linking and calls are ours.
 */
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { compileComponent } from '../../host/component/compile.ts';
import type { Component, Instance } from '../../host/component/component.ts';
import {
  ComponentError,
  DecodeError,
  LinkError,
  TrapError,
  UnsupportedError,
} from '../../host/component/errors.ts';
import { camelCase } from '../../host/component/names.ts';
import { headOf, isText, type List, type Node, textOf } from './script.ts';
import { hostInterfaces } from './script-host.ts';
import { kindsMeant } from './trap-kinds.ts';
import { matches, scriptValue } from './values.ts';

/** What a directive was about, and what became of it. */
export interface Outcome {
  readonly line: number;
  readonly directive: string;
  readonly outcome: 'passed' | 'failed' | 'out-of-scope';
  /** Why it failed, or the feature that is out of scope. */
  readonly detail: string;
}

/** A directive did not do what the script says. */
class Mismatch extends Error {}

export async function runScript(directives: readonly List[]): Promise<Outcome[]> {
  const script = new Script();
  const outcomes: Outcome[] = [];
  for (const directive of directives) {
    const name = nameOf(directive);
    try {
      await script.run(directive);
      outcomes.push({ line: directive.line, directive: name, outcome: 'passed', detail: '' });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const skipped = error instanceof UnsupportedError || error instanceof Skipped;
      outcomes.push({
        line: directive.line,
        directive: name,
        outcome: skipped ? 'out-of-scope' : 'failed',
        detail: skipped ? (error as { feature: string }).feature : message,
      });
    }
  }
  return outcomes;
}

/** A directive that needs a component which is out of scope is out of scope for the same reason. */
class Skipped extends Error {
  readonly feature: string;

  constructor(feature: string) {
    super(feature);
    this.feature = feature;
  }
}

function nameOf(list: List): string {
  const second = list.items[1];
  const qualified = headOf(list) === 'component' && (second === 'definition' || second === 'instance');
  return qualified ? `component ${second}` : headOf(list);
}

class Script {
  readonly #definitions = new Map<string, Component>();
  readonly #instances = new Map<string, { instance: Instance; component: Component }>();
  readonly #imports: Record<string, unknown> = hostInterfaces();
  #current: { instance: Instance; component: Component } | undefined;
  #lastDefinition: Component | undefined;
  /** The feature for lack of which there is no current instance. */
  #missing: string | undefined;

  async run(directive: List): Promise<void> {
    const [, first, ...rest] = directive.items;
    switch (headOf(directive)) {
      case 'component':
        await this.#component(directive);
        return;
      case 'register': {
        const target = this.#target(rest[0]);
        this.#imports[textOf(first)] = target.instance.exports;
        return;
      }
      case 'invoke':
        await this.#invoke(directive);
        return;
      case 'assert_return':
        await this.#assertReturn(first as List, rest);
        return;
      case 'assert_trap':
      case 'assert_exception':
        await this.#assertTrap(first as List, textOf(rest[0]));
        return;
      case 'assert_invalid':
      case 'assert_malformed':
        await this.#assertInvalid(first as List);
        return;
      case 'assert_unlinkable':
        await this.#assertUnlinkable(first as List);
        return;
      default:
        throw new Skipped(`the directive ${headOf(directive)}`);
    }
  }

  async #component(list: List): Promise<void> {
    const [, first, second, third] = list.items;
    try {
      if (first === 'instance') {
        const component = this.#definitions.get(String(third ?? '')) ?? this.#lastDefinition;
        if (!component) throw new Skipped(this.#missing ?? 'the definition did not compile');
        this.#instantiate(component, String(second));
        return;
      }
      const isDefinition = first === 'definition';
      const name = isDefinition ? second : first;
      const component = await compile(list);
      if (typeof name === 'string' && name.startsWith('$')) this.#definitions.set(name, component);
      this.#lastDefinition = component;
      if (!isDefinition) this.#instantiate(component, String(name));
      this.#missing = undefined;
    } catch (error) {
      this.#current = undefined;
      if (first !== 'instance') {
        this.#lastDefinition = undefined;
        this.#missing = error instanceof UnsupportedError ? error.feature : undefined;
      }
      throw error;
    }
  }

  #instantiate(component: Component, name: string): void {
    const instance = component.instantiate(this.#imports);
    this.#current = { instance, component };
    if (name.startsWith('$')) this.#instances.set(name, this.#current);
  }

  #target(node: Node | undefined): { instance: Instance; component: Component } {
    const target = typeof node === 'string' ? this.#instances.get(node) : this.#current;
    if (target) return target;
    if (this.#missing) throw new Skipped(this.#missing);
    throw new Mismatch('there is no such instance: it did not compile or link');
  }

  async #invoke(list: List): Promise<{ value: unknown; fallible: boolean }> {
    if (headOf(list) !== 'invoke') throw new Skipped(`the action ${headOf(list)}`);
    const items = list.items.slice(1);
    const target = this.#target(isText(items[0]) ? undefined : items.shift());
    const name = textOf(items.shift());
    const exports = target.instance.exports as Record<string, unknown>;
    const func = exports[name.includes(':') ? name : camelCase(name)];
    if (typeof func !== 'function') throw new Mismatch(`there is no function ${name}`);
    const type = target.component.type.exports.find((extern) => extern.name === name)?.type;
    const fallible = type?.kind === 'func' && type.result?.kind === 'result';
    try {
      return { value: await func(...items.map(scriptValue)), fallible };
    } catch (error) {
      if (!(fallible && error instanceof ComponentError)) throw error;
      return { value: { tag: 'err', val: error.payload }, fallible: false };
    }
  }

  async #assertReturn(action: List, expected: readonly Node[]): Promise<void> {
    const { value, fallible } = await this.#invoke(action);
    const tagged = fallible ? { tag: 'ok', val: value } : value;
    const wanted = expected.length === 0 ? undefined : scriptValue(expected[0]);
    if (!matches(tagged, wanted)) throw new Mismatch(`expected ${print(wanted)}, got ${print(tagged)}`);
  }

  async #assertTrap(action: List, text: string): Promise<void> {
    let trapped: unknown;
    try {
      if (headOf(action) === 'component') await this.#component(action);
      else await this.#invoke(action);
    } catch (error) {
      trapped = error;
    }
    if (trapped === undefined) throw new Mismatch(`expected the trap "${text}", and there was none`);
    if (!(trapped instanceof TrapError)) throw trapped;
    const kinds = kindsMeant(text);
    if (kinds && !kinds.includes(trapped.kind)) {
      throw new Mismatch(`expected the trap "${text}", got ${trapped.kind}: ${trapped.message}`);
    }
  }

  async #assertInvalid(list: List): Promise<void> {
    try {
      await compile(list);
    } catch (error) {
      if (error instanceof DecodeError || error instanceof AssemblyError) return;
      throw error;
    }
    throw new Mismatch('expected the component to be refused, and it was accepted');
  }

  async #assertUnlinkable(list: List): Promise<void> {
    try {
      (await compile(list)).instantiate(this.#imports);
    } catch (error) {
      if (error instanceof LinkError || error instanceof DecodeError) return;
      throw error;
    }
    throw new Mismatch('expected the component not to link, and it did');
  }
}

/** The text itself is wrong, so there is no binary to refuse. */
class AssemblyError extends Error {}

async function compile(list: List): Promise<Component> {
  return compileComponent(await assemble(list));
}

async function assemble(list: List): Promise<Uint8Array> {
  if (headOf(list) !== 'component') throw new Skipped(`a ${headOf(list)} by itself`);
  const form = list.items.find((item) => item === 'binary' || item === 'quote');
  const strings = list.items.filter(isText).map((text) => text.bytes);
  if (form === 'binary') return concat(strings);
  let source = list.source.replace(/^\(component\s+definition\b/, '(component');
  if (form === 'quote') source = `(component ${new TextDecoder().decode(concat(strings))})`;
  try {
    return await parse(source);
  } catch (error) {
    throw new AssemblyError(String((error as Error).message ?? error));
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function print(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}n` : item)) ?? 'nothing';
}
