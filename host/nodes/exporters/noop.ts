/** `exporter:noop`: takes every batch, acknowledges it and forgets it. For tests and measurements. */
import { z } from 'zod';
import type { NodeType } from '../../pipeline/node.ts';

const schema = z.strictObject({});

export const noopExporter: NodeType<'exporter', z.output<typeof schema>> = {
  type: 'exporter:noop',
  kind: 'exporter',
  description: 'Acknowledges every batch and forgets it.',
  schema,
  capabilities: [],
  create: () => ({ export: (delivery) => delivery.ack() }),
};
