// What `weir-runtime/extension` exports; nothing else may stand here.

export type * from '../capability/contract.ts';
export * from '../capability/contracts.ts';
export { CapabilityError } from '../capability/errors.ts';
export { ComponentError } from '../component/errors.ts';
export { WeirError } from '../errors.ts';
export { FAULT_KINDS, type Fault, type FaultDetail, type FaultKind } from './fault.ts';
export { type LoadExtensionOptions, type LoadedExtension, loadExtension } from './load.ts';
export type { ExtensionEvent, ExtensionStatus, InstanceState, InstanceStatus } from './status.ts';
