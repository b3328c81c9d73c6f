/** The guest, started, as what it exports. */
import type { ProcessorGuest } from '../../../host/capability/contracts.ts';
import { startGuest } from '../../../test/guests/start-guest.ts';

export async function startRedact(config: unknown): Promise<ProcessorGuest> {
  const { exports } = await startGuest('redact', config);
  return exports['weir:processor/processor@0.1.0'] as ProcessorGuest;
}
