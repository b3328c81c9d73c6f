/** The errors of the built-in nodes. */
import { defineErrors } from '../errors.ts';

export const nodeErrors = defineErrors('nodes', {
  WEIR_NODE_PORT_IN_USE: 'A receiver cannot listen: another program uses its port.',
  WEIR_NODE_LISTEN: 'A receiver cannot listen on its address.',
  WEIR_NODE_FILE: 'An exporter cannot use its file.',
});
