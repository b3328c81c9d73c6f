import { custom } from '../binary.ts';
import { file } from '../guest.ts';
import { makeFrame } from '../world.ts';

/** A link that a person clicks. */
export default file(
  async () =>
    Buffer.concat([
      await makeFrame({}),
      custom(
        'weir:manifest',
        Buffer.from(
          JSON.stringify({
            urn: 'urn:weir:extension:x',
            version: '1.0.0',
            description: 'x',
            exports: [],
            imports: [],
            documentation: 'javascript:alert(1)',
          }),
        ),
      ),
    ]),
  {
    expected: { refused: 'WEIR_EXTENSION_MANIFEST' },
  },
);
