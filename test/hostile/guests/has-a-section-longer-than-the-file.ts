import { component } from '../binary.ts';
import { file } from '../guest.ts';

export default file(() => Buffer.concat([component(), Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0)]), {
  expected: { refused: 'WEIR_EXTENSION_COMPONENT' },
});
