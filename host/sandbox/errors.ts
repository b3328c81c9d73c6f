/** The errors of the sandbox: what it refuses before a guest runs. */
import { defineErrors } from '../errors.ts';

export const sandboxErrors = defineErrors('sandbox', {
  WEIR_SANDBOX_CORE_MODULE: 'A core module of the component cannot be read, so it cannot be capped.',
  WEIR_SANDBOX_FUNCTION_LIMIT: 'The core modules of the component have more functions than its limit allows.',
  WEIR_SANDBOX_GLOBAL_LIMIT: 'The core modules of the component have more globals than its limit allows.',
  WEIR_SANDBOX_IMPORT_DENIED: 'The component imports something that it was not granted.',
  WEIR_SANDBOX_IMPORT_TYPE: 'The component imports a host function with another type than the host’s.',
  WEIR_SANDBOX_MEMORY_LIMIT: 'The component starts with more memory than its limit allows.',
  WEIR_SANDBOX_SIZE_LIMIT: 'The component is larger than its limit allows.',
  WEIR_SANDBOX_TABLE_LIMIT: 'The component starts with larger tables than its limit allows.',
});
