/** Builds a guest of `guests/` and starts one component instance of it, with no supervisor around it. */
import path from 'node:path';
import { buildGuest } from '../../build/index.ts';
import { compileComponent } from '../../host/component/compile.ts';
import type { Exports, Imports, Instance } from '../../host/component/index.ts';

const guests = path.join(import.meta.dirname, '../../guests');

export interface StartedGuest {
  readonly instance: Instance;
  readonly exports: Exports;
}

/**
 * Start the guest in `guests/<name>`, configured with `config`.
 * @throws ComponentError when it refuses the configuration
 */
export async function startGuest(
  name: string,
  config: unknown,
  imports: Imports = {},
): Promise<StartedGuest> {
  const { bytes } = await buildGuest(path.join(guests, name));
  const instance = (await compileComponent(bytes)).instantiate(imports);
  instance.exports['weir:extension/configured@0.1.0']!.configure!(JSON.stringify(config));
  return { instance, exports: instance.exports };
}
