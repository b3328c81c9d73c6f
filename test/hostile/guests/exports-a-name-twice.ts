import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { file } from '../guest.ts';

export default file(
  () =>
    parse(`(component (instance $i) (export "weir:processor/processor@0.1.0" (instance $i))
      (export "weir:processor/processor@0.1.0" (instance $i)))`),
  { expected: { refused: 'WEIR_EXTENSION_COMPONENT' } },
);
