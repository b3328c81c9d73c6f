import { expect } from 'vitest';
import { processor } from '../guest.ts';

/** A new line, a line of the host's own form, a carriage return, a terminal escape, marks that turn text around. */
const message = '\\0a{\\22level\\22:60,\\22msg\\22:\\22forged\\22}\\0d\\1b[2J\\e2\\80\\ae\\e2\\80\\a8';

export default processor({
  expected: { answers: 200 },
  world: { imports: ['log'] },
  process:
    '(call $log (i32.const 4) (i32.const 512) (i32.const 46) (i32.const 0) (i32.const 0)) (call $unchanged)',
  fields: `(data (i32.const 512) "${message}")`,
  check: ({ log }) => {
    const written = log.map((line) => JSON.parse(line) as { level: number; msg: string });
    expect(written.filter(({ msg }) => msg.includes('forged'))).toHaveLength(2);
    for (const { level, msg } of written) {
      expect(level).toBeLessThan(60);
      expect(msg).not.toMatch(/\p{Cc}|\p{Bidi_Control}|\u2028/u);
    }
    for (const line of log) expect(line.trimEnd()).not.toMatch(/\p{Cc}/u);
  },
});
