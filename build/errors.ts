/** The errors of the guest toolchain. */
import { defineErrors } from '../host/errors.ts';

export const buildErrors = defineErrors('build', {
  WEIR_BUILD_TOOLCHAIN_MISSING: 'A package that only building needs is not installed.',
  WEIR_BUILD_MANIFEST: 'The weir.yaml of a guest is missing or not valid.',
  WEIR_BUILD_WIT: 'The WIT of a guest does not parse or resolve.',
  WEIR_BUILD_UNSUPPORTED: 'The world of a guest uses something that AssemblyScript guests cannot do.',
  WEIR_BUILD_EXPORT: 'A function that the world exports is missing in the source, or has another signature.',
  WEIR_BUILD_COMPILE: 'The source of a guest does not compile.',
  WEIR_BUILD_IMPORT:
    'The source of a guest uses something of its environment that its world does not import.',
});
