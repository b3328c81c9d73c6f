import { component } from '../binary.ts';
import { file } from '../guest.ts';
import { section } from '../world.ts';

export default file(() => component(section(10, [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00])), {
  expected: { refused: 'WEIR_EXTENSION_COMPONENT' },
});
