/** The errors of this folder: why a core module is refused before V8 sees it. */
import { defineErrors, type ErrorCode, WeirError } from '../../errors.ts';

export const codes = defineErrors('sandbox/preemption', {
  WEIR_SANDBOX_MODULE_MALFORMED: 'A core module of the component is not a well-formed WebAssembly binary.',
  WEIR_SANDBOX_MODULE_REFUSED: 'A core module uses a WebAssembly feature that the sandbox cannot contain.',
  WEIR_SANDBOX_MODULE_TOO_COSTLY: 'A core module exceeds a limit that keeps its compilation time bounded.',
});

/** A core module was refused. `offset` is where, in bytes from the module's start. */
export class ModuleError extends WeirError {
  readonly offset: number;

  constructor(code: ErrorCode, message: string, offset: number, hint?: string) {
    super(code, `${message} (at byte ${offset} of the core module)`, hint === undefined ? {} : { hint });
    this.name = 'ModuleError';
    this.offset = offset;
  }
}

export function malformed(message: string, offset: number): ModuleError {
  return new ModuleError(codes.WEIR_SANDBOX_MODULE_MALFORMED, message, offset);
}

/** `feature` names it, as the WebAssembly proposals do. */
export function refused(feature: string, offset: number): ModuleError {
  const hint = 'Build the guest without this feature.';
  return new ModuleError(
    codes.WEIR_SANDBOX_MODULE_REFUSED,
    `the module uses ${feature}, which the sandbox refuses; ${hint.toLowerCase().slice(0, -1)}`,
    offset,
    hint,
  );
}

export function tooCostly(what: string, actual: number, limit: number, offset: number): ModuleError {
  return new ModuleError(
    codes.WEIR_SANDBOX_MODULE_TOO_COSTLY,
    `the module has ${what}: ${actual}, the limit is ${limit}`,
    offset,
    'Split the code that is too large, or raise the limit if the module is trusted.',
  );
}
