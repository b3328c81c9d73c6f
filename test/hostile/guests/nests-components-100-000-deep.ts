import { COMPONENT_HEADER } from '../binary.ts';
import { file } from '../guest.ts';
import { COMPONENT_SECTION, leb } from '../world.ts';

const depth = 100_000;

/** Nothing follows an inner component, so the file is a row of heads, outermost first. */
function nested(): Uint8Array {
  const heads: Uint8Array[] = [Uint8Array.from(COMPONENT_HEADER)];
  let size = COMPONENT_HEADER.length;
  for (let i = 0; i < depth; i++) {
    const head = Uint8Array.from([...COMPONENT_HEADER, COMPONENT_SECTION, ...leb(size)]);
    heads.push(head);
    size += head.length;
  }
  return Buffer.concat(heads.reverse());
}

export default file(nested, { expected: { refused: 'WEIR_EXTENSION_COMPONENT' } });
