import { custom } from '../binary.ts';
import { file } from '../guest.ts';
import { makeFrame } from '../world.ts';

export default file(
  async () =>
    Buffer.concat([
      await makeFrame({}),
      custom(
        'weir:manifest',
        Buffer.from(
          JSON.stringify({
            urn: 'urn:weir:extension:../../../etc',
            version: '1.0.0',
            description: 'x',
            exports: [],
            imports: [],
          }),
        ),
      ),
    ]),
  {
    expected: { refused: 'WEIR_EXTENSION_MANIFEST' },
  },
);
