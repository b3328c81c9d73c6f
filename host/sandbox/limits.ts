/**
 * The limits that hold before anything runs: what a component may be and what it may start with. What
 * its instances may do later is for `InstanceLimits` of host/component and for the host services.
 */
import type { ComponentSyntax } from '../component/decode/syntax.ts';
import { WeirError } from '../errors.ts';
import { totalOf } from './component-count.ts';
import { countEntries, FUNCTION_SECTION, GLOBAL_SECTION } from './core-module.ts';
import { sandboxErrors } from './errors.ts';

export interface SandboxLimits {
  /** Largest component, bytes. */
  readonly moduleBytes: number;
  /** Most functions, over all core instances of the component. */
  readonly functions: number;
  /** Most globals, over all core instances of the component. */
  readonly globals: number;
  /** Most linear memory of an instance over all of its memories, bytes. */
  readonly memoryBytes: number;
  /** Most elements of an instance over all of its tables. */
  readonly tableElements: number;
}

/** @throws WeirError `WEIR_SANDBOX_SIZE_LIMIT` */
export function checkSize(bytes: number, limit: number): void {
  if (bytes <= limit) return;
  throw new WeirError(
    sandboxErrors.WEIR_SANDBOX_SIZE_LIMIT,
    `the component has ${bytes} bytes; its limit is ${limit}`,
    { hint: `raise \`limits: { module_size: … }\` to at least ${bytes}, or build a smaller component` },
  );
}

/** @throws WeirError `WEIR_SANDBOX_FUNCTION_LIMIT`, `WEIR_SANDBOX_GLOBAL_LIMIT`, `WEIR_SANDBOX_CORE_MODULE` */
export function checkCounts(component: ComponentSyntax, limits: SandboxLimits): void {
  const functions = totalOf(component, (module) => countEntries(module, FUNCTION_SECTION));
  if (functions > limits.functions) {
    throw new WeirError(
      sandboxErrors.WEIR_SANDBOX_FUNCTION_LIMIT,
      `the component has ${functions} functions; its limit is ${limits.functions}`,
      { hint: `raise \`limits: { functions: … }\` to at least ${functions}` },
    );
  }
  const globals = totalOf(component, (module) => countEntries(module, GLOBAL_SECTION));
  if (globals > limits.globals) {
    throw new WeirError(
      sandboxErrors.WEIR_SANDBOX_GLOBAL_LIMIT,
      `the component has ${globals} globals; its limit is ${limits.globals}`,
      { hint: `raise \`limits: { globals: … }\` to at least ${globals}` },
    );
  }
}
