import { custom } from '../binary.ts';
import { file } from '../guest.ts';
import { makeFrame } from '../world.ts';

export default file(
  async () =>
    Buffer.concat([await makeFrame({}), custom('weir:manifest', Buffer.from(' '.repeat(4 * 2 ** 20)))]),
  {
    expected: { refused: 'WEIR_EXTENSION_MANIFEST' },
  },
);
