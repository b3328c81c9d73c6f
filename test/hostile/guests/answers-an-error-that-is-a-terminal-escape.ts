import { expect } from 'vitest';
import { processor } from '../guest.ts';

/** The sender of the batch is told why it was refused: a person may read it in a terminal. */
export default processor({
  expected: { answers: 400 },
  process: '(call $err (i32.const 512) (i32.const 12))',
  fields: '(data (i32.const 512) "\\1b[2J\\0aforged\\07")',
  check: ({ answers }) => {
    expect(answers[0]!.message).toContain('forged');
    expect(answers[0]!.message).not.toMatch(/\p{Cc}/u);
  },
});
