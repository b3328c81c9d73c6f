import { component } from '../binary.ts';
import { file } from '../guest.ts';
import { section } from '../world.ts';

const depth = 100_000;

/** A component type that declares one type, which is a component type, … */
export default file(
  () =>
    component(
      section(
        7,
        [1],
        new Uint8Array(depth * 3).map((_, i) => [0x41, 0x01, 0x01][i % 3]!),
        [0x41, 0x00],
      ),
    ),
  {
    expected: { refused: 'WEIR_EXTENSION_COMPONENT' },
  },
);
