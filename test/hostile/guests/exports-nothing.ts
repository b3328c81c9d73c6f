import { component } from '../binary.ts';
import { file } from '../guest.ts';

export default file(() => component(), { expected: { refused: 'WEIR_EXTENSION_EMPTY' } });
