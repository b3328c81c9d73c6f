/**
 * `compileComponent`: bytes in, a `Component` out. Compiling is asynchronous and done once;
 * instantiating is synchronous and cheap. Only wires: decode → validate → plan → compile.
 */
import { createHash } from 'node:crypto';
import type { CompileOptions, Component } from './component.ts';
import { decodeComponent } from './decode/component.ts';
import { DecodeError } from './errors.ts';
import { planLinking } from './link/inline.ts';
import { instantiatePlan } from './link/instantiate.ts';
import type { CompiledModule } from './link/live.ts';
import { validateComponent } from './validate/component.ts';

/**
 * Compile a component binary.
 * @throws DecodeError when the bytes are not a component, or not a valid one
 * @throws UnsupportedError when it uses a feature beyond this runtime
 */
export async function compileComponent(bytes: Uint8Array, options: CompileOptions = {}): Promise<Component> {
  const valid = validateComponent(decodeComponent(bytes));
  const plan = planLinking(valid);
  const digest = createHash('sha256').update(bytes).digest('hex');
  const modules = await Promise.all(
    plan.modules.map((one) =>
      one.kind === 'bytes' ? compileModule(one.bytes, one.offset, options) : undefined,
    ),
  );
  return {
    digest,
    byteLength: bytes.byteLength,
    type: valid.type,
    instantiate: (imports, instantiateOptions = {}) =>
      instantiatePlan(plan, modules, imports, instantiateOptions),
  };
}

async function compileModule(
  bytes: Uint8Array,
  offset: number,
  options: CompileOptions,
): Promise<CompiledModule> {
  const rewritten = options.rewriteCoreModule?.(bytes) ?? { bytes };
  try {
    return { module: await WebAssembly.compile(rewritten.bytes), imports: rewritten.imports };
  } catch (error) {
    throw new DecodeError(`a core module is not valid: ${(error as Error).message}`, offset);
  }
}
