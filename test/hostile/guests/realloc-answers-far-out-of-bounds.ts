import { processor, REALLOC } from '../guest.ts';

export default processor({ expected: { fault: 'bad-value' }, realloc: `${REALLOC} (i32.const -1))` });
