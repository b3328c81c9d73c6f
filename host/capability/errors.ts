/** The errors of capability resolution and of capability calls. */
import { defineErrors, WeirError } from '../errors.ts';

export const capabilityErrors = defineErrors('capability', {
  WEIR_CAPABILITY_ALREADY_CLAIMED: 'A node claimed the same capability twice.',
  WEIR_CAPABILITY_NOT_BOUND: 'A node requires a capability that its configuration does not bind.',
  WEIR_CAPABILITY_NOT_PROVIDED: 'No extension of the pipeline provides a capability that a node binds.',
  WEIR_CAPABILITY_NOT_PROVIDED_HERE:
    'The extension that a node names does not provide the capability; another one does.',
  WEIR_CAPABILITY_UNKNOWN: 'A node binds a capability that the engine does not know.',
  WEIR_CAPABILITY_UNKNOWN_EXTENSION: 'A node names an extension that its pipeline does not declare.',
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
