import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { body, withFunctions } from '../binary.ts';
import { coreText, processorOf } from '../guest.ts';
import { leb } from '../world.ts';

const labels = 1_000_000;

/** `i32.const 0`, and `br_table` of as many labels, each the function's own. */
const branch = Buffer.concat([Uint8Array.of(0x41, 0, 0x0e, ...leb(labels)), Buffer.alloc(labels + 1)]);

export default processorOf(async () => withFunctions(await parse(coreText({})), 1, body(branch)), {
  expected: { refused: 'WEIR_SANDBOX_MODULE_TOO_COSTLY' },
});
