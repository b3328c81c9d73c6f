/**
 * Runs one .wast script of the WebAssembly core test suite in two worlds, one as Node has it and one
 * with every module instrumented, and says of each directive whether Node does what the script
 * expects and whether both worlds agree.
 */
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import wabt from 'wabt';
import { instrument, ModuleError } from '../../../host/sandbox/preemption/index.ts';
import { headOf, isList, isText, type List, type Node, readScript, textOf } from '../script.ts';
import { argument, FloatConstants, matches, width } from './constants.ts';
import { type Outcome, World } from './world.ts';

export interface Verdict {
  readonly line: number;
  readonly directive: string;
  /** Whether it is executed, or only says that a module is not valid. */
  readonly executable: boolean;
  /** Whether Node alone does what the script expects. */
  readonly nodePasses: boolean;
  readonly same: boolean;
  /** Why it does not count, if it does not. */
  readonly excluded?: string;
  readonly detail: string;
}

interface Module {
  readonly name: string | undefined;
  readonly bytes: Uint8Array;
}

export async function runCoreScript(source: string): Promise<Verdict[]> {
  const script = directives(source);
  const floats = await FloatConstants.of(script);
  const worlds = [new World(false), new World(true)] as const;
  const definitions = new Map<string | undefined, Uint8Array>();
  const verdicts: Verdict[] = [];
  /** Set while the last module is one that the sandbox refuses for its size, or that could not be assembled. */
  let excluded: string | undefined;

  for (const list of script) {
    const directive = headOf(list);
    const judge = (
      expected: (outcome: Outcome) => boolean,
      act: (world: World) => Outcome,
      executable = true,
    ) => {
      const [plain, metered] = worlds.map(act) as [Outcome, Outcome];
      const detail = `plain: ${plain.what}; instrumented: ${metered.what}`;
      const same = plain.what === metered.what && plain.kind === metered.kind;
      verdicts.push({
        line: list.line,
        directive,
        executable,
        nodePasses: expected(plain),
        same,
        detail,
        ...(excluded === undefined ? {} : { excluded }),
      });
    };
    const exclude = (why: string) => {
      verdicts.push({
        line: list.line,
        directive,
        executable: true,
        nodePasses: false,
        same: true,
        excluded: why,
        detail: why,
      });
    };
    const inner = (index: number) => list.items[index] as List;
    switch (directive) {
      case 'module': {
        if (list.items[1] === 'instance') {
          const [, , name, of] = list.items.map(String);
          judge(made, (world) => world.instantiate(name, definitions.get(of)!));
          break;
        }
        const module = await assemble(list);
        if (typeof module === 'string') {
          excluded = `it cannot be assembled: ${module}`;
          exclude(excluded);
          break;
        }
        excluded = refusal(module.bytes);
        definitions.set(module.name, module.bytes);
        definitions.set(undefined, module.bytes);
        if (excluded !== undefined) exclude(excluded);
        else if (list.items[1] === 'definition') judge(made, (world) => world.compile(module.bytes));
        else judge(made, (world) => world.instantiate(module.name, module.bytes));
        break;
      }
      case 'register':
        for (const world of worlds) world.register(textOf(list.items[1]), nameAt(list.items[2]));
        break;
      case 'invoke':
        judge(
          (outcome) => outcome.kind === 'values',
          (world) => act(world, list, floats),
        );
        break;
      case 'assert_return': {
        const patterns = list.items.slice(2).filter(isList);
        judge(
          (outcome) => outcome.kind === 'values' && allMatch(patterns, outcome, inner(1), floats),
          (world) => act(world, inner(1), floats),
        );
        break;
      }
      case 'assert_trap':
      case 'assert_exhaustion':
      case 'assert_exception': {
        const kind = directive.slice('assert_'.length);
        if (headOf(inner(1)) === 'module') {
          const module = await assemble(inner(1));
          if (typeof module === 'string') exclude(`it cannot be assembled: ${module}`);
          else
            judge(
              (outcome) => outcome.kind === kind,
              (world) => world.instantiate(undefined, module.bytes),
            );
        } else
          judge(
            (outcome) => outcome.kind === kind,
            (world) => act(world, inner(1), floats),
          );
        break;
      }
      case 'assert_unlinkable': {
        const module = await assemble(inner(1));
        if (typeof module === 'string') exclude(`it cannot be assembled: ${module}`);
        else
          judge(
            (outcome) => outcome.kind === 'unlinkable',
            (world) => world.instantiate(undefined, module.bytes),
          );
        break;
      }
      case 'assert_invalid':
      case 'assert_malformed': {
        // Text that is malformed is none of ours; nor are modules that wasm-tools refuses to assemble.
        const module = await assemble(inner(1));
        if (typeof module === 'string') break;
        judge(
          (outcome) => outcome.kind === 'invalid',
          (world) => world.compile(module.bytes),
          false,
        );
        break;
      }
      default:
        exclude(`unknown directive ${directive}`);
    }
  }
  return verdicts;
}

/** Annotations aside. A script may also be the fields of one module, without `(module …)` around them. */
function directives(source: string): List[] {
  const isAnnotation = (node: Node) => isList(node) && headOf(node).startsWith('@');
  const lists = readScript(source)
    .filter((list) => !isAnnotation(list))
    .map((list) => ({ ...list, items: list.items.filter((item) => !isAnnotation(item)) }));
  const fields = new Set([
    'func',
    'memory',
    'table',
    'global',
    'type',
    'import',
    'export',
    'start',
    'elem',
    'data',
  ]);
  const isModule = lists.length > 0 && lists.every((list) => fields.has(headOf(list)));
  return isModule ? readScript(`(module ${source})`) : lists;
}

const made = (outcome: Outcome) => outcome.kind === 'made';

const nameAt = (node: Node | undefined) =>
  typeof node === 'string' && node.startsWith('$') ? node : undefined;

/** The module of a `(module …)`, or why there is none. */
async function assemble(list: List): Promise<Module | string> {
  let at = list.items[1] === 'definition' ? 2 : 1;
  const name = nameAt(list.items[at]);
  if (name !== undefined) at++;
  const form = list.items[at];
  const strings = () =>
    Buffer.concat(
      list.items
        .slice(at + 1)
        .filter(isText)
        .map(({ bytes }) => bytes),
    );
  if (form === 'binary') return { name, bytes: new Uint8Array(strings()) };
  try {
    const text =
      form === 'quote' ? strings().toString() : list.source.replace('(module definition', '(module');
    const whole = form === 'quote' && !/^\s*(;;.*\n\s*)*\(module\b/.test(text) ? `(module ${text}\n)` : text;
    return { name, bytes: await binaryOf(escaped(whole)) };
  } catch (error) {
    return firstLine(error);
  }
}

/** wasm-tools knows everything but the legacy exception instructions in folded form, and WABT those. */
async function binaryOf(text: string): Promise<Uint8Array> {
  if (!/\(try\b/.test(text)) return parse(text);
  const { parseWat } = await wabt();
  const module = parseWat('script.wat', text, { exceptions: true, tail_call: true });
  try {
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

const firstLine = (error: unknown) => String(error).split('\n')[0]!.slice(0, 120);

/** Text with all that is not ASCII, which stands in strings and comments, escaped: wasm-tools refuses look-alikes. */
function escaped(text: string): string {
  return text.replace(/[^\0-\x7f]+/g, (characters) =>
    [...Buffer.from(characters)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

/** Whether the sandbox refuses a module that Node takes, for its size. */
function refusal(bytes: Uint8Array): string | undefined {
  if (!WebAssembly.validate(new Uint8Array(bytes))) return undefined;
  try {
    instrument(bytes, { features: { gc: true, exnref: true } });
    return undefined;
  } catch (error) {
    if (error instanceof ModuleError && error.code !== 'WEIR_SANDBOX_MODULE_MALFORMED') return error.message;
    return undefined;
  }
}

function act(world: World, list: List, floats: FloatConstants): Outcome {
  const name = nameAt(list.items[1]);
  const [exported, ...args] = list.items.slice(name === undefined ? 1 : 2);
  if (headOf(list) === 'get') return world.get(name, textOf(exported));
  const pieces = args.filter(isList).flatMap((arg) => argument(arg, floats));
  return world.invoke(name, textOf(exported), pieces);
}

function allMatch(
  patterns: readonly List[],
  { pieces }: Outcome,
  action: List,
  floats: FloatConstants,
): boolean {
  if (headOf(action) === 'get') return globalMatches(patterns[0]!, pieces[0], floats);
  let at = 0;
  for (const pattern of patterns) {
    const next = at + width(pattern);
    if (!matches(pattern, pieces.slice(at, next), floats)) return false;
    at = next;
  }
  return at === pieces.length;
}

/** Globals come as JavaScript has them: floating-point ones as numbers. */
function globalMatches(pattern: List, value: unknown, floats: FloatConstants): boolean {
  const head = headOf(pattern);
  if (head !== 'f32.const' && head !== 'f64.const') return matches(pattern, [value], floats);
  const view = new DataView(new ArrayBuffer(8));
  if (head === 'f32.const') view.setFloat32(0, value as number);
  else view.setFloat64(0, value as number);
  return matches(pattern, [head === 'f32.const' ? view.getInt32(0) : view.getBigInt64(0)], floats);
}
