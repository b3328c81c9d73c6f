import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { body, withFunctions } from '../binary.ts';
import { coreText, processorOf } from '../guest.ts';

const count = 1_000_000;

/** Each of them empty: four bytes a function. */
export default processorOf(
  async () =>
    withFunctions(await parse(coreText({})), count, Buffer.alloc(count * 3, body(new Uint8Array()))),
  { expected: { refused: 'WEIR_SANDBOX_FUNCTION_LIMIT' } },
);
