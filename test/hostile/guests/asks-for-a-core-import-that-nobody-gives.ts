import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { coreText, processorOf } from '../guest.ts';

export default processorOf(
  () => parse(coreText({}).replace('(module', '(module (import "weir:host" "everything" (func))')),
  { expected: { refused: 'WEIR_EXTENSION_COMPONENT' } },
);
