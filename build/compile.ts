/**
 * AssemblyScript source to a core module: runs `asc` in this process, holds the author's functions against the signatures that the
 * world wants, and turns what the compiler says into messages about the author's files.
 */
import path from 'node:path';
import { WeirError } from '../host/errors.ts';
import type { AuthorFunction } from './bindings/generate.ts';
import { buildErrors } from './errors.ts';
import type { Asc } from './toolchain.ts';

export interface CompileRequest {
  readonly folder: string;
  /** The generated entry, relative to the folder: `generated/guest.ts`. */
  readonly entry: string;
  /** The author's entry, relative to the folder. */
  readonly source: string;
  readonly functions: readonly AuthorFunction[];
  /** Told each file that is read, relative to the folder. */
  readonly onRead: (file: string, text: string) => void;
  /** Text of a file, or null. */
  readonly read: (file: string) => string | null;
}

/** The parts of a compiler's program that the signature check reads; `asc` types the hook itself loosely. */
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
  lineAt(position: number): number;
  columnAt(): number;
}

/** @throws WeirError `WEIR_BUILD_COMPILE`, `WEIR_BUILD_EXPORT` */
export async function compileSource(asc: Asc, request: CompileRequest): Promise<Uint8Array> {
  const { folder, entry } = request;
  let wasm: Uint8Array | undefined;
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
  const { error } = await asc.main(args, {
    readFile: (name) => {
      const text = request.read(name);
      if (text !== null) request.onRead(name, text);
      return text;
    },
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') wasm = contents;
    },
    listFiles: () => null,
    reportDiagnostic: (message) => {
      if (message.category < ERROR) return;
      const range = message.range as Range | null;
      complaints.push(`${range === null ? folder : placeOf(folder, range)}: ${message.message}`);
    },
    // @ts-expect-error: a transform may be a plain object with the hooks that it wants
    transforms: [{ afterInitialize: (program: Program) => wrong.push(...checkFunctions(program, request)) }],
  });
  if (wrong.length > 0) throw new WeirError(buildErrors.WEIR_BUILD_EXPORT, wrong.join('\n'));
  if (complaints.length > 0) throw new WeirError(buildErrors.WEIR_BUILD_COMPILE, complaints.join('\n'));
  if (error !== null || wasm === undefined) {
    throw new WeirError(
      buildErrors.WEIR_BUILD_COMPILE,
      `${path.join(folder, request.source)}: the AssemblyScript compiler failed: ${error?.message ?? 'it wrote nothing'}`,
      { cause: error },
    );
  }
  return wasm;
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
    'abort=',
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
    const place = placeOf(request.folder, found.declaration.name.range);
    if (found.kind !== FUNCTION_PROTOTYPE) {
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

function placeOf(folder: string, range: Range): string {
  const line = range.source.lineAt(range.start);
  return `${path.join(folder, range.source.normalizedPath)}:${line}:${range.source.columnAt()}`;
}
