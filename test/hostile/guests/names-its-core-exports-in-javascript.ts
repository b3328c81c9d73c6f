import { parse, print } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect } from 'vitest';
import { file } from '../guest.ts';
import { makeFrame, names } from '../world.ts';

const evil = `"'\`);globalThis.weirOwned=1;//\${globalThis.weirOwned=1}*/`;

/** Where code is made from the component's text, one of these quotes ends a string in it. */
export default file(
  async () => {
    const source = await print(await makeFrame({}));
    const written = evil.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
    return parse(source.replaceAll(`"${names.process}"`, () => `"${written}"`));
  },
  {
    expected: { answers: 200 },
    check: () => {
      expect((globalThis as { weirOwned?: unknown }).weirOwned).toBeUndefined();
    },
  },
);
