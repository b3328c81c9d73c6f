import { processor } from '../guest.ts';

export default processor({
  expected: { refused: 'WEIR_SANDBOX_MEMORY_LIMIT' },
  memory: '(memory (export "memory") 65536)',
});
