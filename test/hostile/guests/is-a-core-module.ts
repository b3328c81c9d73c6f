import { core } from '../binary.ts';
import { file } from '../guest.ts';

export default file(() => core(), { expected: { refused: 'WEIR_EXTENSION_COMPONENT' } });
