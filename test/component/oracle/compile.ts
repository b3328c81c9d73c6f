/**
 * `compileComponent`: bytes in, a `Component` out. Compiling is asynchronous and done once;
 * instantiating is synchronous and cheap.
 */
import { createHash } from 'node:crypto';
import type { CompileOptions, Component } from '../../../host/component/component.ts';
import { describeComponent } from '../../../host/component/decode/describe.ts';
import { DecodeError } from '../../../host/component/errors.ts';
import { instantiateGlue } from './instance.ts';
import { transpile } from './transpile.ts';

/**
 * Compile a component binary.
 * @throws DecodeError when the bytes are not a component, or not a valid one
 * @throws UnsupportedError when it uses a feature beyond this runtime
 */
export async function compileComponent(bytes: Uint8Array, options: CompileOptions = {}): Promise<Component> {
  const type = describeComponent(bytes);
  const digest = createHash('sha256').update(bytes).digest('hex');
  const { glue, coreModules } = await transpile(
    bytes,
    digest,
    type.imports.map(({ name }) => name),
  );
  const modules = new Map<string, WebAssembly.Module>();
  for (const [path, core] of coreModules) {
    const rewritten = options.rewriteCoreModule?.(core).bytes ?? core;
    try {
      modules.set(path, await WebAssembly.compile(rewritten as Uint8Array<ArrayBuffer>));
    } catch (error) {
      throw new DecodeError(`a core module does not compile: ${(error as Error).message}`, 0);
    }
  }
  return {
    digest,
    byteLength: bytes.byteLength,
    type,
    instantiate: (imports, instantiateOptions = {}) =>
      instantiateGlue(glue, modules, imports, instantiateOptions),
  };
}
