/** Every built-in node type: the one list. What a node type is stands in `host/pipeline/node.ts`. */
import type { NodeType } from '../pipeline/node.ts';
import { debugExporter } from './exporters/debug.ts';
import { fileExporter } from './exporters/file.ts';
import { noopExporter } from './exporters/noop.ts';
import { otlpHttpExporter } from './exporters/otlp-http.ts';
import { batchProcessor } from './processors/batch.ts';
import { rateLimitProcessor } from './processors/rate-limit.ts';
import { retryProcessor } from './processors/retry.ts';
import { wasmProcessor } from './processors/wasm.ts';
import { generatorReceiver } from './receivers/generator.ts';
import { otlpReceiver } from './receivers/otlp.ts';

/** Receivers, processors, exporters; by name. */
export const nodeTypes: readonly NodeType[] = [
  generatorReceiver,
  otlpReceiver,
  batchProcessor,
  rateLimitProcessor,
  retryProcessor,
  wasmProcessor,
  debugExporter,
  fileExporter,
  noopExporter,
  otlpHttpExporter,
];
