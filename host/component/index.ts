// What `weir-runtime/component` exports; nothing else may stand here.
export { compileComponent } from './compile.ts';
export type * from './component.ts';
export * from './errors.ts';
export type * from './types.ts';
