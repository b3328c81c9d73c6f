/**
 * Runs one of the component model's .wast scripts. Text is assembled by wasm-tools; decoding, validation, linking
 * and calls are the backend's. A directive that needs what the backend does not support is excluded, and the
 * reason named; so is all that follows from it.
 */
import type { Instance } from '../../host/component/component.ts';
import {
  ComponentError,
  DecodeError,
  LinkError,
  PoisonedError,
  TrapError,
  UnsupportedError,
} from '../../host/component/errors.ts';
import { camelCase } from '../../host/component/names.ts';
import { AssemblyError, assemble } from './assemble.ts';
import type { Backend, Compiled } from './backend.ts';
import { differenceOf } from './differences.ts';
import { Excluded, Mismatch, type Outcome } from './outcome.ts';
import { headOf, isText, type List, type Node, textOf } from './script.ts';
import { hostInterfaces } from './script-host.ts';
import { kindsMeant } from './trap-kinds.ts';
import { matches, print, scriptValue } from './values.ts';

/**
 * Run the directives one after the other.
 * @param path of the script, which decides whether it is known to ask for something else than the specification
 * @param report is told each outcome at once, because the next directive may never end
 */
export async function runScript(
  path: string,
  directives: readonly List[],
  backend: Backend,
  report: (outcome: Outcome) => void,
): Promise<void> {
  const script = new Script(backend);
  for (const list of directives) {
    const { line } = list;
    const directive = nameOf(list);
    try {
      const detail = (await script.run(list)) ?? '';
      report({ line, directive, outcome: 'passed', detail });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      const failed: Outcome = { line, directive, outcome: 'failed', detail };
      const reason = exclusionOf(error) ?? differenceOf(path, list.source, failed);
      report(reason === undefined ? failed : { line, directive, outcome: 'excluded', detail: reason });
    }
  }
}

/** Longest wait for an asynchronous function, ms. Those that suspend for good leave nothing that keeps the process alive. */
const patience = 5_000;

async function withinPatience(result: unknown, name: string): Promise<unknown> {
  if (!(result instanceof Promise)) return result;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Mismatch(`${name} does not come to an end`)), patience);
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a directive is called; `component definition` and `component instance` are two words. */
export function nameOf(list: List): string {
  const second = list.items[1];
  const qualified = headOf(list) === 'component' && (second === 'definition' || second === 'instance');
  return qualified ? `component ${second}` : headOf(list);
}

/** What excludes a directive that failed with this; undefined when it simply failed. */
function exclusionOf(error: unknown): string | undefined {
  if (error instanceof Excluded) return error.message;
  if (error instanceof UnsupportedError) return error.feature;
  if (error instanceof TrapError && error.kind === 'unsupported')
    return error.message.replace(/ is not supported.*/s, '');
  if (error instanceof PoisonedError) return exclusionOf(error.cause);
  if (error instanceof AssemblyError) return `the assembler refuses the text: ${error.message}`;
  return undefined;
}

interface Live {
  readonly instance: Instance;
  readonly compiled: Compiled;
}

class Script {
  readonly #backend: Backend;
  readonly #definitions = new Map<string, Compiled>();
  readonly #instances = new Map<string, Live>();
  readonly #imports: Record<string, unknown> = hostInterfaces();
  #current: Live | undefined;
  #lastDefinition: Compiled | undefined;
  /** Why there is no current instance or definition, when something excludes it. */
  #excluded: string | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** @returns a remark on how it passed, if there is one */
  async run(directive: List): Promise<string | undefined> {
    const [, first, second] = directive.items;
    switch (headOf(directive)) {
      case 'component':
        await this.#component(directive);
        return undefined;
      case 'register':
        this.#imports[textOf(first)] = this.#target(second).instance.exports;
        return undefined;
      case 'invoke':
        await this.#invoke(directive);
        return undefined;
      case 'assert_return':
        await this.#assertReturn(first as List, directive.items.slice(2));
        return undefined;
      case 'assert_trap':
      case 'assert_exception':
      case 'assert_exhaustion':
        await this.#assertTrap(first as List, textOf(second));
        return undefined;
      case 'assert_invalid':
      case 'assert_malformed':
        return this.#assertRefused(first as List);
      case 'assert_unlinkable':
        await this.#assertUnlinkable(first as List);
        return undefined;
      default:
        throw new Excluded(`the directive ${headOf(directive)}`);
    }
  }

  async #component(list: List): Promise<void> {
    const [, first, second, third] = list.items;
    try {
      if (first === 'instance') {
        const compiled = this.#definitions.get(String(third ?? '')) ?? this.#lastDefinition;
        if (!compiled) throw this.#absent('definition');
        this.#instantiate(compiled, String(second));
        return;
      }
      const isDefinition = first === 'definition';
      const name = isDefinition ? second : first;
      const compiled = await this.#compile(list);
      if (typeof name === 'string' && name.startsWith('$')) this.#definitions.set(name, compiled);
      this.#lastDefinition = compiled;
      if (!isDefinition) this.#instantiate(compiled, String(name));
      this.#excluded = undefined;
    } catch (error) {
      this.#current = undefined;
      if (first !== 'instance') this.#lastDefinition = undefined;
      this.#excluded = exclusionOf(error);
      throw error;
    }
  }

  async #compile(list: List): Promise<Compiled> {
    return this.#backend.compile(await assemble(list));
  }

  #instantiate(compiled: Compiled, name: string): void {
    this.#current = { instance: compiled.instantiate(this.#imports), compiled };
    if (name.startsWith('$')) this.#instances.set(name, this.#current);
  }

  #absent(what: string): Error {
    if (this.#excluded !== undefined) return new Excluded(this.#excluded);
    return new Mismatch(`there is no such ${what}: it did not compile or link`);
  }

  #target(node: Node | undefined): Live {
    const target = typeof node === 'string' ? this.#instances.get(node) : this.#current;
    if (target) return target;
    throw this.#absent('instance');
  }

  async #invoke(list: List): Promise<{ value: unknown; fallible: boolean }> {
    if (headOf(list) !== 'invoke') throw new Excluded(`the action ${headOf(list)}`);
    const items = list.items.slice(1);
    const { instance, compiled } = this.#target(isText(items[0]) ? undefined : items.shift());
    const name = textOf(items.shift());
    const exports = instance.exports as Record<string, unknown>;
    const func = exports[name.includes(':') ? name : camelCase(name)];
    if (typeof func !== 'function') throw new Mismatch(`there is no function ${name}`);
    const type = compiled.type?.exports.find((extern) => extern.name === name)?.type;
    const fallible = type?.kind === 'func' && type.result?.kind === 'result';
    try {
      return { value: await withinPatience(func(...items.map(scriptValue)), name), fallible };
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
    const expected = kindsMeant(text);
    if (!expected) throw new Mismatch(`no kind of trap is known for the text "${text}"`);
    let trapped: unknown;
    try {
      if (headOf(action) === 'component') await this.#component(action);
      else await this.#invoke(action);
    } catch (error) {
      trapped = error;
    }
    if (trapped === undefined) throw new Mismatch(`expected the trap "${text}", and there was none`);
    // An instance that trapped before is not entered: the specification has no other word for it.
    const poisoned = trapped instanceof PoisonedError && exclusionOf(trapped) === undefined;
    if (poisoned && expected.includes('cannot-enter')) return;
    if (!(trapped instanceof TrapError) || exclusionOf(trapped) !== undefined) throw trapped;
    if (!this.#backend.trapKinds || expected.includes(trapped.kind)) return;
    throw new Mismatch(`expected the trap "${text}", got ${trapped.kind}: ${trapped.message}`);
  }

  async #assertRefused(list: List): Promise<string | undefined> {
    try {
      await this.#compile(list);
    } catch (error) {
      if (error instanceof AssemblyError) return 'refused by the assembler';
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
    throw new Mismatch('expected the component to be refused, and it was accepted');
  }

  async #assertUnlinkable(list: List): Promise<void> {
    try {
      (await this.#compile(list)).instantiate(this.#imports);
    } catch (error) {
      if (error instanceof LinkError || error instanceof DecodeError) return;
      throw error;
    }
    throw new Mismatch('expected the component not to link, and it did');
  }
}
