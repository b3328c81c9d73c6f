import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { byteSize, duration, formatByteSize, formatDuration } from '../../host/config/units.ts';

function refusal(schema: z.ZodType, value: unknown): string {
  const result = schema.safeParse(value);
  expect(result.success).toBe(false);
  return result.error!.issues.map((issue) => issue.message).join('; ');
}

describe('a duration', () => {
  test.each([
    ['100ms', 100],
    ['5s', 5000],
    ['1m', 60_000],
    ['1m30s', 90_000],
    ['2 h', 7_200_000],
    ['1.5s', 1500],
    ['0', 0],
    [0, 0],
  ])('%s is %d ms', (written, ms) => {
    expect(duration().parse(written)).toBe(ms);
  });

  test.each(['5', 'soon', '5 sec', '-1s', '', '1e3ms', 'm5', true, null, Number.NaN, -1])(
    '%s is refused with an example',
    (written) => {
      expect(refusal(duration(), written)).toMatch(/expected a duration such as 100ms/);
    },
  );

  test('a bare number is refused, because its unit would be a guess', () => {
    expect(refusal(duration(), 30)).toBe('expected a unit: write 30ms or 30s');
  });

  test('bounds are told in the words of the file', () => {
    expect(refusal(duration({ min: 1000, max: 60_000 }), '2m')).toBe('expected 1s to 1m');
    expect(duration({ min: 1000, max: 60_000 }).parse('1m')).toBe(60_000);
  });

  test('longer than a timer can wait is refused', () => {
    expect(refusal(duration(), '600h')).toBe('expected at most 576h');
  });

  test('what is formatted reads back the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000_000_000 }), (ms) => {
        expect(duration().parse(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('a byte size', () => {
  test.each([
    ['16 MiB', 16 * 2 ** 20],
    ['64KiB', 65_536],
    ['10MB', 10_000_000],
    ['1.5 GiB', 1.5 * 2 ** 30],
    ['512 B', 512],
    ['512', 512],
    [512, 512],
    [0, 0],
  ])('%s is %d bytes', (written, bytes) => {
    expect(byteSize().parse(written)).toBe(bytes);
  });

  test.each(['16 megs', 'MiB', '-1', '', '16 Mb', true, null, -1, Number.POSITIVE_INFINITY, 1.5])(
    '%s is refused with an example',
    (written) => {
      expect(refusal(byteSize(), written)).toMatch(/expected a whole number of bytes such as 65536/);
    },
  );

  test('bounds are told in the words of the file', () => {
    expect(refusal(byteSize({ min: 65_536 }), '1 KiB')).toBe('expected at least 64 KiB');
    expect(refusal(byteSize({ max: 65_536 }), '1 GiB')).toBe('expected at most 64 KiB');
  });

  test('what is formatted reads back the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
        expect(byteSize().parse(formatByteSize(bytes))).toBe(bytes);
      }),
    );
  });
});

test('editors see strings and numbers', () => {
  const schema = z.strictObject({
    timeout: duration().describe('How long.').default(5000),
    size: byteSize(),
  });
  const properties = z.toJSONSchema(schema, { io: 'input' }).properties!;
  expect(properties.timeout).toMatchObject({
    description: 'How long.',
    anyOf: [{ type: 'string' }, { type: 'number' }],
  });
  expect(properties.size).toMatchObject({ anyOf: [{ type: 'string' }, { type: 'integer' }] });
});
