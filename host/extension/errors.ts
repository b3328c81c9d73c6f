/** The errors of extension providers and instances. */
import { defineErrors } from '../errors.ts';

export const extensionErrors = defineErrors('extension', {
  WEIR_EXTENSION_COMPONENT:
    'The file of an extension is not a valid component, or not one that is supported.',
  WEIR_EXTENSION_CONTRACT: 'A component exports an interface with other functions than the contract’s.',
  WEIR_EXTENSION_EMPTY: 'A component exports nothing that a pipeline can use.',
  WEIR_EXTENSION_FILE: 'The component of an extension cannot be read.',
  WEIR_EXTENSION_INSTANCE_LIMIT: 'The engine runs as many component instances as it may.',
  WEIR_EXTENSION_INSTANCES:
    'A manifest asks for an instance policy that the kind of its extension cannot have.',
  WEIR_EXTENSION_KEY: 'A signing key cannot be read, or is of another kind.',
  WEIR_EXTENSION_MANIFEST: 'The manifest embedded in a component is not a valid one.',
  WEIR_EXTENSION_MANIFEST_MISMATCH: 'A manifest says other things about interfaces than its component does.',
  WEIR_EXTENSION_OPTIONS: 'An option of `loadExtension` is wrong.',
  WEIR_EXTENSION_PIN: 'A component is not the one that the `sha256` of its extension names.',
  WEIR_EXTENSION_PIPELINE: 'The extensions of a pipeline cannot be prepared; its `errors` say why.',
  WEIR_EXTENSION_RANDOM: 'A guest asked for more random bytes at once than a call gives.',
  WEIR_EXTENSION_READINESS: 'An extension did not say in time that it is ready, or never could.',
  WEIR_EXTENSION_SIGNATURE: 'A component was changed after it was signed.',
  WEIR_EXTENSION_START:
    'An extension refused its configuration, refused to start, or faulted while it started.',
  WEIR_EXTENSION_STOPPED: 'A guest called a host service after its instance had been discarded.',
  WEIR_EXTENSION_UNSIGNED: 'A component is not signed with a trusted key, and the engine requires it.',
  WEIR_EXTENSION_TIMERS: 'A component uses timers and exports no lifecycle for them to call.',
  WEIR_EXTENSION_TIMER_LIMIT: 'A guest set more timers than its limit allows.',
});

/** The codes of faults, as `Fault.code` has them. */
export const faultCodes = defineErrors('fault', {
  WEIR_FAULT_CONTRACT:
    'A guest broke the canonical ABI: a bad pointer, string, handle or discriminant, or re-entry.',
  WEIR_FAULT_DEADLINE: 'A guest ran longer than it may.',
  WEIR_FAULT_HANDLE_LIMIT: 'A guest had more live handles than its limit allows.',
  WEIR_FAULT_HOST_SERVICE: 'A host service refused what a guest asked of it, or failed.',
  WEIR_FAULT_IMPORT_REFUSED: 'A guest called, or could not be linked to, something that it is not lent.',
  WEIR_FAULT_LIFT_LIMIT:
    'What a guest handed over in one call takes more of the host’s memory than its limit allows.',
  WEIR_FAULT_MEMORY_LIMIT: 'A guest gave up because its limit on memory let it have no more.',
  WEIR_FAULT_STACK_OVERFLOW: 'A guest used up the stack.',
  WEIR_FAULT_START: 'A guest refused its configuration, or refused to start.',
  WEIR_FAULT_TRANSFER_LIMIT: 'A guest handed over a string or list that is longer than its limit allows.',
  WEIR_FAULT_TRAP: 'A guest trapped.',
});
