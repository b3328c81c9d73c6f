import { expect } from 'vitest';
import { processor } from '../guest.ts';

/** Well-formed for the canonical ABI, and no batch: the node takes it for a fault, and sends nothing on. */
export default processor({
  expected: { answers: 503 },
  process: '(call $ok (i32.const 0) (i32.const 0) (i32.const 65536))',
  fields: '(data (i32.const 0) "\\ff\\ff\\ff\\ff")',
  check: ({ answers }) => {
    expect(answers[0]!.message).toMatch(/not valid OTLP/);
  },
});
