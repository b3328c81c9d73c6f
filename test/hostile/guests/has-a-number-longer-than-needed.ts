import { component } from '../binary.ts';
import { file } from '../guest.ts';
import { section } from '../world.ts';

export default file(() => component(section(7, [0x80, 0x80, 0x80, 0x80, 0x80, 0x00])), {
  expected: { refused: 'WEIR_EXTENSION_COMPONENT' },
});
