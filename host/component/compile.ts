/**
 * `compileComponent`: bytes in, a `Component` out. Compiling is asynchronous and done once;
 * instantiating is synchronous and cheap.
 */
import { createHash } from 'node:crypto';
import type { CompileOptions, Component } from './component.ts';
import { DecodeError } from './errors.ts';
import { instantiateGlue } from './jco/instance.ts';
import { transpile } from './jco/transpile.ts';
import type { ComponentType } from './types.ts';

/**
 * Compile a component binary.
 * @throws DecodeError when the bytes are not a component, or not a valid one
 */
export async function compileComponent(bytes: Uint8Array, options: CompileOptions = {}): Promise<Component> {
  checkPreamble(bytes);
  const digest = createHash('sha256').update(bytes).digest('hex');
  const { glue, coreModules } = await transpile(bytes, digest);
  const modules = new Map<string, WebAssembly.Module>();
  for (const [path, core] of coreModules) {
    const rewritten = options.rewriteCoreModule?.(core) ?? core;
    try {
      modules.set(path, await WebAssembly.compile(rewritten as Uint8Array<ArrayBuffer>));
    } catch (error) {
      throw new DecodeError(`a core module does not compile: ${(error as Error).message}`, 0);
    }
  }
  return {
    digest,
    byteLength: bytes.byteLength,
    get type(): ComponentType {
      throw new DecodeError('types cannot be described yet', 0);
    },
    instantiate: (imports, instantiateOptions = {}) =>
      instantiateGlue(glue, modules, imports, instantiateOptions),
  };
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d];

/** The first eight bytes, with messages for the mistakes that people make. */
function checkPreamble(bytes: Uint8Array): void {
  if (bytes.byteLength === 0) throw new DecodeError('the file is empty', 0);
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw new DecodeError('not WebAssembly: the file does not begin with \\0asm', 0);
  }
  if (bytes.byteLength < 8)
    throw new DecodeError('the file ends within its first eight bytes', bytes.byteLength);
  if (bytes[6] === 0 && bytes[7] === 0) {
    throw new DecodeError(
      'a core module, not a component: make a component of it (`weir build`, or jco’s `componentNew`)',
      4,
    );
  }
  if (bytes[4] !== 0x0d || bytes[5] !== 0 || bytes[6] !== 1 || bytes[7] !== 0) {
    throw new DecodeError(
      'a component of another version of the format; version 0x0d, layer 1 is expected',
      4,
    );
  }
}
