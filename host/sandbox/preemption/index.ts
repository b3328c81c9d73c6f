// What the rest of the sandbox uses of this folder; nothing else may stand here.
export { controlMemory, enter, leave, pastDeadline, watched } from './control.ts';
export { ModuleError } from './errors.ts';
export { defaultModuleLimits, type ModuleLimits } from './limits.ts';
export {
  type AddedImports,
  addedImports,
  type InstrumentedModule,
  type InstrumentOptions,
  instrument,
} from './rewrite.ts';
export type { Features } from './types.ts';
