/**
 * Compile a component under limits, once in a process for the same bytes and limits however many
 * pipelines load it.
 */
import { createHash } from 'node:crypto';
import { compileComponent } from '../component/compile.ts';
import type { Component } from '../component/component.ts';
import { decodeComponent } from '../component/decode/component.ts';
import { totalOf } from './component-count.ts';
import { eagerly } from './eager-compilation.ts';
import { checkCounts, checkSize, type SandboxLimits } from './limits.ts';
import { capMemories, countMemories } from './memory-cap.ts';
import { addedImports, instrument, watched } from './preemption/index.ts';
import { capTables, countTables } from './table-cap.ts';

const compiled = new Map<string, Promise<Component> | WeakRef<Component>>();

/**
 * @throws DecodeError, UnsupportedError of host/component
 * @throws WeirError `WEIR_SANDBOX_…_LIMIT`, `WEIR_SANDBOX_CORE_MODULE`
 */
export async function compileSandboxed(bytes: Uint8Array, limits: SandboxLimits): Promise<Component> {
  checkSize(bytes.byteLength, limits.moduleBytes);
  const key = keyOf(bytes, limits);
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
  const component = decodeComponent(bytes);
  // Before any guest code can run, and while it is compiled.
  const ready = watched();
  checkCounts(component, limits);
  // Checked over the whole component already; one module may have as many.
  const { functions, globals } = limits;
  const memories = totalOf(component, countMemories);
  const tables = totalOf(component, countTables);
  const whole = await eagerly(() =>
    compileComponent(bytes, {
      rewriteCoreModule(module) {
        const capped = capTables(
          capMemories(module, limits.memoryBytes, memories),
          limits.tableElements,
          tables,
        );
        const { bytes: stoppable, added } = instrument(capped, { limits: { functions, globals } });
        return added === undefined
          ? { bytes: stoppable }
          : { bytes: stoppable, imports: () => addedImports(added) };
      },
    }),
  );
  await ready;
  return whole;
}

/** Two components of the same bytes are the same where the same limits are compiled in. */
function keyOf(bytes: Uint8Array, limits: SandboxLimits): string {
  const digest = createHash('sha256').update(bytes).digest('hex');
  const { functions, globals, memoryBytes, tableElements } = limits;
  return [digest, functions, globals, memoryBytes, tableElements].join(' ');
}
