import { file } from '../guest.ts';

export default file(() => new Uint8Array(), { expected: { refused: 'WEIR_EXTENSION_COMPONENT' } });
