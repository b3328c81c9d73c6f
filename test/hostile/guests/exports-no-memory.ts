import { processor } from '../guest.ts';

export default processor({ expected: { refused: 'WEIR_EXTENSION_COMPONENT' }, memory: '(memory 1)' });
