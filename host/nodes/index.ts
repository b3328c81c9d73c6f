/** Every built-in node type: the one list. What a node type is stands in `host/pipeline/node.ts`. */
import type { NodeType } from '../pipeline/node.ts';
import { fileExporter } from './exporters/file.ts';
import { noopExporter } from './exporters/noop.ts';
import { wasmProcessor } from './processors/wasm.ts';
import { otlpReceiver } from './receivers/otlp.ts';

/** Sorted by kind, then by name. */
export const nodeTypes: readonly NodeType[] = [otlpReceiver, wasmProcessor, fileExporter, noopExporter];
