import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect } from 'vitest';
import { file } from '../guest.ts';

export default file(() => parse('(component (import "\\1b[2J\\n\\"</script>" (func)))'), {
  expected: { refused: 'WEIR_EXTENSION_COMPONENT' },
  check: ({ refusal }) => {
    expect((refusal as Error).message.replaceAll('\n', ' ')).not.toMatch(/\p{Cc}/u);
  },
});
