/** The errors of the sandbox: what it refuses before a guest runs. */
import { defineErrors } from '../errors.ts';

export const sandboxErrors = defineErrors('sandbox', {
  WEIR_SANDBOX_CORE_MODULE: 'A core module of the component cannot be read, so it cannot be capped.',
  WEIR_SANDBOX_FUNCTION_LIMIT: 'The core modules of the component have more functions than its limit allows.',
  WEIR_SANDBOX_GLOBAL_LIMIT: 'The core modules of the component have more globals than its limit allows.',
  WEIR_SANDBOX_FOLDER: 'A folder that is granted cannot be opened for the guest.',
  WEIR_SANDBOX_GUEST_EXIT: 'The guest called `exit`: a command may end, an extension may not.',
  WEIR_SANDBOX_IMPORT_DENIED: 'The component imports something that it was not granted.',
  WEIR_SANDBOX_IMPORT_TYPE: 'The component imports a host function with another type than the host’s.',
  WEIR_SANDBOX_MEMORY_LIMIT: 'The component starts with more memory than its limit allows.',
  WEIR_SANDBOX_SIZE_LIMIT: 'The component is larger than its limit allows.',
  WEIR_SANDBOX_TABLE_LIMIT: 'The component starts with larger tables than its limit allows.',
  WEIR_SANDBOX_NOT_GRANTED:
    'The guest called a function of WASI that needs a grant and has no other way to refuse.',
  WEIR_SANDBOX_WASI_MISUSE: 'The guest broke a rule of WASI that leaves the host no answer.',
});
