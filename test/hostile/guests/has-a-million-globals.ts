import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { GLOBAL_SECTION, withEntries } from '../binary.ts';
import { coreText, processorOf } from '../guest.ts';

const count = 1_000_000;

/** `(global i32 (i32.const 0))` */
const entry = Uint8Array.of(0x7f, 0, 0x41, 0, 0x0b);

export default processorOf(
  async () =>
    withEntries(await parse(coreText({})), GLOBAL_SECTION, count, Buffer.alloc(count * entry.length, entry)),
  { expected: { refused: 'WEIR_SANDBOX_GLOBAL_LIMIT' } },
);
