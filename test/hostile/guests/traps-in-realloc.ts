import { processor, REALLOC } from '../guest.ts';

export default processor({ expected: { fault: 'unreachable' }, realloc: `${REALLOC} unreachable)` });
