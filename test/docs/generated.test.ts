import { expect, it } from 'vitest';
import { generatedParts, written } from './generated.ts';

it.each(generatedParts.map((part) => [part.file, part.name, part] as const))(
  '%s: its %s are what the code says (else: npm run docs)',
  async (_file, _name, part) => {
    const { now, wanted } = await written(part);
    expect(now).toBe(wanted);
    expect(wanted).not.toContain('undefined');
  },
);
