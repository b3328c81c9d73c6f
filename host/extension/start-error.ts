/** Why an extension could not be started, in words. */
import { ComponentError, LinkError } from '../component/errors.ts';
import { WeirError } from '../errors.ts';
import { extensionErrors } from './errors.ts';
import { guestText } from './guest-text.ts';

/** How far a start came. */
export interface StartStep {
  readonly name: 'instantiate' | 'configure' | 'restore' | 'start' | 'readiness';
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

function what({ name }: StartStep, error: unknown): string {
  if (error instanceof LinkError) return 'cannot be linked';
  if (error instanceof ComponentError) return `refused ${REFUSED[name]}`;
  switch (name) {
    case 'instantiate':
      return 'faulted while it was instantiated';
    case 'readiness':
      return error instanceof WeirError ? 'is not ready' : 'faulted before it was ready';
    default:
      return `faulted in \`${name}\``;
  }
}

const REFUSED: Readonly<Record<StartStep['name'], string>> = {
  instantiate: 'to be instantiated',
  configure: 'its configuration',
  restore: 'its checkpoint',
  start: 'to start',
  readiness: 'to be ready',
};

function hint(step: StartStep, error: unknown): string | undefined {
  if (error instanceof WeirError) return error.hint;
  if (!(error instanceof ComponentError)) return undefined;
  return step.name === 'configure' ? 'correct its `config:`' : undefined;
}
