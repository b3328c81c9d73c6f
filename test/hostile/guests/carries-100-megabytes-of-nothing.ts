import { custom } from '../binary.ts';
import { file } from '../guest.ts';
import { makeFrame } from '../world.ts';

/** A custom section that nobody reads. It is refused by its size, before it is read into memory. */
export default file(
  async () => Buffer.concat([await makeFrame({}), custom('nothing', Buffer.alloc(100_000_000))]),
  { expected: { refused: 'WEIR_SANDBOX_SIZE_LIMIT' } },
);
