import { expect } from 'vitest';
import { processor } from '../guest.ts';
import { names } from '../world.ts';

/** Why it refuses is written to a terminal: clears the screen, and goes on in a line of its own. */
export default processor({
  expected: { failsToStart: 'start-failure' },
  world: { exports: ['configured'] },
  fields: `(data (i32.const 512) "\\1b[2J\\1b]0;pwned\\07\\n{\\"level\\":50}")
    (func (export "${names.configure}") (param i32 i32) (result i32)
      (i32.store8 (i32.const 32) (i32.const 1))
      (i32.store (i32.const 36) (i32.const 512))
      (i32.store (i32.const 40) (i32.const 28))
      (i32.const 32))`,
  check: ({ refusal }) => {
    expect((refusal as Error).message).not.toMatch(/\p{Cc}/u);
  },
});
