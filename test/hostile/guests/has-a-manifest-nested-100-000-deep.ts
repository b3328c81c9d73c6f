import { custom } from '../binary.ts';
import { file } from '../guest.ts';
import { makeFrame } from '../world.ts';

export default file(
  async () =>
    Buffer.concat([
      await makeFrame({}),
      custom('weir:manifest', Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)),
    ]),
  {
    expected: { refused: 'WEIR_EXTENSION_MANIFEST' },
  },
);
