import { createHash } from 'node:crypto';
import { core } from '../binary.ts';
import { processorOf } from '../guest.ts';

export default processorOf(
  () => core(createHash('shake256', { outputLength: 10_000 }).update('noise').digest()),
  { expected: { refused: 'WEIR_EXTENSION_COMPONENT' } },
);
