import { expect } from 'vitest';
import { processor } from '../guest.ts';

const fields = ['level', 'extension', '__proto__', 'toJSON'];

/** Four fields of the names above, each with the value `evil`. */
export default processor({
  expected: { answers: 200 },
  world: { imports: ['log'] },
  process:
    '(call $log (i32.const 4) (i32.const 512) (i32.const 4) (i32.const 1024) (i32.const 4)) (call $unchanged)',
  fields: `(data (i32.const 512) "evil")
    ${fields.map((name, i) => `(data (i32.const ${600 + 32 * i}) "${name}")`).join('\n')}
    ${fields.map((name, i) => `(data (i32.const ${1024 + 16 * i}) "${words(600 + 32 * i, name.length, 512, 4)}")`).join('\n')}`,
  check: ({ log }) => {
    const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>);
    const evil = lines.filter(({ msg }) => msg === 'evil');
    expect(evil).toHaveLength(2);
    for (const line of evil) expect([line.level, line.extension]).toEqual([50, 'hostile']);
    expect(({} as { evil?: unknown }).evil).toBeUndefined();
  },
});

/** 32-bit numbers, little end first, as text. */
function words(...values: number[]): string {
  return [...new Uint8Array(Uint32Array.from(values).buffer)]
    .map((byte) => `\\${byte.toString(16).padStart(2, '0')}`)
    .join('');
}
