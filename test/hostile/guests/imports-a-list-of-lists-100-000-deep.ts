import { component, text } from '../binary.ts';
import { file } from '../guest.ts';
import { leb, section } from '../world.ts';

const depth = 100_000;
const LIST = 0x70;
const U8 = 0x7d;
const FUNC = 0x40;

function types(): Uint8Array {
  const all: number[] = [LIST, U8];
  for (let i = 1; i < depth; i++) all.push(LIST, ...leb(i - 1));
  // A function that takes one, and returns nothing.
  all.push(FUNC, 1, ...text('value'), ...leb(depth - 1), 0x01, 0x00);
  return section(7, leb(depth + 1), Uint8Array.from(all));
}

/** Each type is small and refers to the one before it. Whoever follows them by recursion falls. */
export default file(() => component(types(), section(10, [1, 0x00], text('deep'), [0x01], leb(depth))), {
  expected: { refused: 'WEIR_EXTENSION_COMPONENT' },
});
