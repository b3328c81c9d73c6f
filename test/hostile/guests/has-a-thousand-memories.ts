import { processor } from '../guest.ts';

/** Each of them reserves gigabytes of addresses. The share of each is less than a page. */
export default processor({
  expected: { refused: 'WEIR_SANDBOX_MEMORY_LIMIT' },
  memory: `(memory (export "memory") 1) ${'(memory 0) '.repeat(999)}`,
});
