/** The errors of capability resolution and of capability calls. */
import { defineErrors, WeirError } from '../errors.ts';

export const capabilityErrors = defineErrors('capability', {
  WEIR_CAPABILITY_ALREADY_CLAIMED: 'A node claimed the same capability twice.',
  WEIR_CAPABILITY_NOT_BOUND: 'A node requires a capability that its configuration does not bind.',
  WEIR_CAPABILITY_UNAVAILABLE: 'The extension behind a binding is down, or failed during the call.',
});

/**
 * A call through a binding failed without an answer from the guest: the extension is down, or it
 * faulted during this very call (`cause`). An `err` that the guest returned is a `ComponentError` instead.
 */
export class CapabilityError extends WeirError {
  readonly extension: string;
  readonly capability: string;
  /** True when this call itself faulted the guest; false when the extension was down already. */
  readonly faulted: boolean;

  constructor(extension: string, capability: string, faulted: boolean, message: string, cause?: unknown) {
    super(capabilityErrors.WEIR_CAPABILITY_UNAVAILABLE, message, { cause });
    this.extension = extension;
    this.capability = capability;
    this.faulted = faulted;
  }
}
