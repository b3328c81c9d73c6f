import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect } from 'vitest';
import { coreText, processorOf } from '../guest.ts';

export default processorOf(
  () => parse(coreText({}).replace('(module', '(module (import "\\1b[2J\\07" "\\0a\\c2\\9b" (func))')),
  {
    expected: { refused: 'WEIR_EXTENSION_COMPONENT' },
    check: ({ refusal }) => {
      expect((refusal as Error).message.replaceAll('\n', ' ')).not.toMatch(/\p{Cc}/u);
    },
  },
);
