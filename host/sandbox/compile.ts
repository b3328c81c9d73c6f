/**
 * Compile a component under limits, once in a process for the same bytes and limits however many
 * pipelines load it.
 */
import { createHash } from 'node:crypto';
import { compileComponent } from '../component/compile.ts';
import type { Component } from '../component/component.ts';
import { decodeComponent } from '../component/decode/component.ts';
import { capMemories } from './memory-cap.ts';
import { memoriesOf } from './memory-count.ts';

/** The limits that are compiled in. */
export interface SandboxLimits {
  /** Most linear memory of an instance over all of its memories, bytes. */
  readonly memoryBytes: number;
}

const compiled = new Map<string, Promise<Component> | WeakRef<Component>>();

/**
 * @throws DecodeError, UnsupportedError of host/component
 * @throws WeirError `WEIR_SANDBOX_MEMORY_LIMIT`, `WEIR_SANDBOX_CORE_MODULE`
 */
export async function compileSandboxed(bytes: Uint8Array, limits: SandboxLimits): Promise<Component> {
  const key = `${createHash('sha256').update(bytes).digest('hex')} ${limits.memoryBytes}`;
  const entry = compiled.get(key);
  const known = entry instanceof WeakRef ? entry.deref() : entry;
  if (known !== undefined) return known;
  const compiling = compileCapped(bytes, limits);
  compiled.set(key, compiling);
  try {
    const component = await compiling;
    // Held weakly: code that no instance and no pipeline uses any more may go.
    compiled.set(key, new WeakRef(component));
    return component;
  } catch (error) {
    compiled.delete(key);
    throw error;
  }
}

async function compileCapped(bytes: Uint8Array, limits: SandboxLimits): Promise<Component> {
  const memories = memoriesOf(decodeComponent(bytes));
  return compileComponent(bytes, {
    rewriteCoreModule: (module) => capMemories(module, limits.memoryBytes, memories),
  });
}
