import { component, text } from '../binary.ts';
import { file } from '../guest.ts';
import { leb, section } from '../world.ts';

const depth = 60;
const TUPLE = 0x6f;
const U8 = 0x7d;
const FUNC = 0x40;

function types(): Uint8Array {
  const all: number[] = [TUPLE, 2, U8, U8];
  for (let i = 1; i < depth; i++) all.push(TUPLE, 2, ...leb(i - 1), ...leb(i - 1));
  all.push(FUNC, 1, ...text('value'), ...leb(depth - 1), 0x01, 0x00);
  return section(7, leb(depth + 1), Uint8Array.from(all));
}

/** Each type holds the one before it twice. Whoever lays them out one by one does not finish. */
export default file(() => component(types(), section(10, [1, 0x00], text('wide'), [0x01], leb(depth))), {
  expected: { refused: 'WEIR_EXTENSION_COMPONENT' },
});
