import { component } from '../binary.ts';
import { file } from '../guest.ts';
import { section } from '../world.ts';

export default file(() => component(section(77, [1, 2, 3])), {
  expected: { refused: 'WEIR_EXTENSION_COMPONENT' },
});
