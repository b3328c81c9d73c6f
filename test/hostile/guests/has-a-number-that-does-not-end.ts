import { component } from '../binary.ts';
import { file } from '../guest.ts';
import { section } from '../world.ts';

export default file(() => component(section(7, new Uint8Array(100_000).fill(0x80))), {
  expected: { refused: 'WEIR_EXTENSION_COMPONENT' },
});
