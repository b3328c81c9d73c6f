/** A component's type, from its bytes: what tools need that never run it. */

import type { ComponentType } from '../types.ts';
import { validateComponent } from '../validate/component.ts';
import { decodeComponent } from './component.ts';

/**
 * The imports and exports of a component, resolved: each named type and each resource is one object
 * wherever it is used, named after the interface that declares it.
 * @throws DecodeError when the bytes are not a valid component
 * @throws UnsupportedError when the component uses a feature that types cannot describe
 */
export function describeComponent(bytes: Uint8Array): ComponentType {
  return validateComponent(decodeComponent(bytes)).type;
}
