import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { coreText, processorOf } from '../guest.ts';

/** It would like the control word by which calls are stopped for its own. */
export default processorOf(
  () =>
    parse(
      coreText({}).replace('(module', '(module (import "weir:preemption" "control" (memory 1 1 shared))'),
    ),
  { expected: { refused: 'WEIR_EXTENSION_COMPONENT' } },
);
