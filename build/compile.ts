/**
 * AssemblyScript source to a core module: runs `asc`, holds the author's functions against the signatures
 * that the world wants, and turns what the compiler says into messages about the author's files.
 * It runs in a thread of its own (`compiler-thread.ts`), because `asc` ends its process when it crashes.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AuthorFunction } from './bindings/generate.ts';
import { digestOf } from './generated-folder.ts';

/** Plain data: it crosses to another thread. */
export interface CompileRequest {
  readonly folder: string;
  /** The generated entry, relative to the folder: `generated/guest.ts`. */
  readonly entry: string;
  /** The author's entry, relative to the folder. */
  readonly source: string;
  readonly functions: readonly AuthorFunction[];
  /** Texts that stand for files, by path relative to the folder. */
  readonly files: ReadonlyMap<string, string>;
}

export type CompileResult =
  | {
      readonly kind: 'module';
      readonly wasm: Uint8Array;
      /** Digests of the files read from disk, by path relative to the folder. */
      readonly inputs: ReadonlyMap<string, string>;
    }
  /** Functions of the author's that are missing or wrong, a message each. */
  | { readonly kind: 'exports'; readonly messages: readonly string[] }
  /** What the compiler found, a message each. */
  | { readonly kind: 'errors'; readonly messages: readonly string[] };

/** What is used of `assemblyscript/asc`, whose own types declare globals of AssemblyScript's. */
interface Asc {
  main(
    args: readonly string[],
    options: {
      readFile(name: string): string | null;
      writeFile(name: string, contents: Uint8Array | string): void;
      listFiles(): null;
      reportDiagnostic(message: { category: number; message: string; range: Range | null }): void;
      transforms: readonly { afterInitialize(program: Program): void }[];
    },
  ): Promise<{ error: Error | null }>;
}

/** The parts of a compiler's program that the signature check reads. */
interface Program {
  readonly filesByName: ReadonlyMap<string, ProgramFile>;
  readonly resolver: { resolveFunction(prototype: Element, types: null): { signature: unknown } | null };
}
interface ProgramFile {
  lookupExport(name: string): Element | null;
  lookup(name: string): Element | null;
}
interface Element {
  readonly kind: number;
  readonly declaration: { readonly name: { readonly range: Range }; readonly typeParameters?: unknown };
}
interface Range {
  readonly start: number;
  readonly source: Source;
}
interface Source {
  readonly normalizedPath: string;
}

export async function compileSource(request: CompileRequest): Promise<CompileResult> {
  const { folder, entry } = request;
  const { main }: Asc = await import('assemblyscript/asc' as string);
  let wasm: Uint8Array | undefined;
  const inputs = new Map<string, string>();
  const wrong: string[] = [];
  const complaints: string[] = [];
  const args = [
    entry,
    '--baseDir',
    folder,
    '--outFile',
    'guest.wasm',
    '--noColors',
    ...compilerOptions(entry),
  ];
  const { error } = await main(args, {
    readFile: (name) => {
      const text = textOf(request, name);
      if (text !== null && !request.files.has(name)) inputs.set(name, digestOf(text));
      return text;
    },
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') wasm = contents;
    },
    listFiles: () => null,
    reportDiagnostic: (message) => {
      if (message.category < ERROR) return;
      const place = message.range === null ? folder : placeOf(request, message.range);
      complaints.push(`${place}: ${message.message}`);
    },
    transforms: [
      {
        afterInitialize: (program) => {
          wrong.push(...checkFunctions(program, request));
        },
      },
    ],
  });
  if (wrong.length > 0) return { kind: 'exports', messages: wrong };
  if (complaints.length > 0) return { kind: 'errors', messages: complaints };
  if (error === null && wasm !== undefined) return { kind: 'module', wasm, inputs };
  const what = error?.message ?? 'it wrote nothing';
  return {
    kind: 'errors',
    messages: [`${path.join(folder, request.source)}: the AssemblyScript compiler failed: ${what}`],
  };
}

/** Text of a file of the guest, or null: the compiler tries several names for one import. */
function textOf({ folder, files }: CompileRequest, file: string): string | null {
  const given = files.get(file);
  if (given !== undefined) return given;
  try {
    return readFileSync(path.join(folder, file), 'utf8');
  } catch {
    return null;
  }
}

/** DiagnosticCategory.Error of the compiler. */
const ERROR = 3;
/** ElementKind.FunctionPrototype of the compiler. */
const FUNCTION_PROTOTYPE = 4;

function compilerOptions(entry: string): string[] {
  const generated = path.posix.dirname(entry);
  return [
    '--optimizeLevel',
    '3',
    '--shrinkLevel',
    '0',
    // A guest may make much garbage within one call (a string per record of a large batch), so garbage must be
    // collectable while guest code is on the stack. Only this runtime scans the shadow stack; `minimal` collects
    // between calls alone, and a call's garbage would count against the memory limit.
    '--runtime',
    'incremental',
    // No import may remain that the world does not have: an abort is a plain trap, and
    // `Math.random` has a fixed seed.
    '--use',
    `abort=${generated}/canonical/abort`,
    '--use',
    `seed=${generated}/canonical/seed`,
    // Top-level statements run once all imports are there, which a start section cannot promise.
    '--exportStart',
    '_initialize',
    '--enable',
    'simd',
    // Function names, so that the stack of a trap tells something.
    '--debug',
  ];
}

/** What is wrong with the author's functions. */
function checkFunctions(program: Program, request: CompileRequest): string[] {
  const source = program.filesByName.get(request.source.replace(/\.ts$/, ''));
  const entry = program.filesByName.get(request.entry.replace(/\.ts$/, ''));
  if (source === undefined || entry === undefined) return [];
  const wrong: string[] = [];
  for (const wanted of request.functions) {
    const forWhom = wanted.interface === undefined ? 'the world' : wanted.interface;
    const want = `expected, for ${forWhom}: export ${wanted.signature}`;
    const found = source.lookupExport(wanted.name);
    if (found === null) {
      wrong.push(
        `${path.join(request.folder, request.source)}:1:1: "${wanted.name}" is not exported; ${want}`,
      );
      continue;
    }
    const place = placeOf(request, found.declaration.name.range);
    if (found.kind !== FUNCTION_PROTOTYPE || found.declaration.typeParameters) {
      wrong.push(`${place}: "${wanted.name}" is not a plain function; ${want}`);
      continue;
    }
    const expected = entry.lookup(wanted.expected);
    const is = program.resolver.resolveFunction(found, null)?.signature;
    const should =
      expected === null ? undefined : program.resolver.resolveFunction(expected, null)?.signature;
    // Where a type does not resolve, the compiler has its own say.
    if (is === undefined || should === undefined) continue;
    if (String(is) !== String(should)) {
      wrong.push(`${place}: "${wanted.name}" has the type ${readable(is)}; ${want}`);
    }
  }
  return wrong;
}

/** A signature with the paths in its types left out: `(~lib/string/String) => bool` is `(String) => bool`. */
function readable(signature: unknown): string {
  return String(signature).replace(/[~\w./-]+\/(\w+)/g, '$1');
}

/** file:line:column; of a file that is not the guest's own, only its name in the compiler. */
function placeOf(request: CompileRequest, { start, source }: Range): string {
  const file = source.normalizedPath;
  const before = textOf(request, file)?.slice(0, start).split('\n');
  if (before === undefined) return file;
  return `${path.join(request.folder, file)}:${before.length}:${before.at(-1)!.length + 1}`;
}
