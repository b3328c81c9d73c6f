/** Why an extension could not be started, in words. */
import { ComponentError, LinkError } from '../component/errors.ts';
import { WeirError } from '../errors.ts';
import { extensionErrors } from './errors.ts';
import { guestText } from './guest-text.ts';

/** How far a start came. */
export interface StartStep {
  readonly name: 'instantiate' | 'configure' | 'start';
  /** The export that was called last. */
  readonly function: string | undefined;
}

export function startError(extension: string, step: StartStep, error: unknown): WeirError {
  const message = guestText(error instanceof Error ? error.message : String(error));
  return new WeirError(
    extensionErrors.WEIR_EXTENSION_START,
    `extension \`${extension}\` ${what(step, error)}: ${message}`,
    { cause: error, hint: hint(step, error) },
  );
}

function what(step: StartStep, error: unknown): string {
  if (error instanceof LinkError) return 'cannot be linked';
  if (error instanceof ComponentError) {
    return step.name === 'configure' ? 'refused its configuration' : 'refused to start';
  }
  return step.name === 'instantiate' ? 'faulted while it was instantiated' : `faulted in \`${step.name}\``;
}

function hint(step: StartStep, error: unknown): string | undefined {
  if (!(error instanceof ComponentError)) return undefined;
  return step.name === 'configure' ? 'correct its `config:`' : undefined;
}
