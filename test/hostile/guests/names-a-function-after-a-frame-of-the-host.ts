import { expectHarmlessText, namedFunction } from '../function-name.ts';

export default namedFunction(
  String.raw`at Engine.stop (file:///engine.ts:1:1)\n    at wasm://wasm/0:wasm-function[0]:0x0`,
  expectHarmlessText,
);
