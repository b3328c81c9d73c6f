/** The errors of extension providers and instances. */
import { defineErrors } from '../errors.ts';

export const extensionErrors = defineErrors('extension', {
  WEIR_EXTENSION_MANIFEST: 'The manifest embedded in a component is not a valid one.',
});
