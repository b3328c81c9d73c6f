import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { body, withFunctions } from '../binary.ts';
import { coreText, processorOf } from '../guest.ts';

const depth = 100_000;

/** `block` without a type, and `end`. */
const blocks = Buffer.concat([Buffer.alloc(depth * 2, Uint8Array.of(0x02, 0x40)), Buffer.alloc(depth, 0x0b)]);

export default processorOf(async () => withFunctions(await parse(coreText({})), 1, body(blocks)), {
  expected: { refused: 'WEIR_SANDBOX_MODULE_TOO_COSTLY' },
});
