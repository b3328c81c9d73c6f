/**
 * Durations and byte sizes as configurations write them: `100ms`, `5s`, `1m30s`; `16 MiB`, `64KiB`.
 *
 * Pieces for schemas of any area, node types' included; that is why this file imports nothing of
 * Weir. Their title names them in the reference of keys. A duration needs its unit, for a bare `30` is read as seconds by one and as milliseconds by
 * the next; a bare number of bytes leaves nothing to guess.
 */
import { z } from 'zod';

/** Bounds on a value, in the unit that the schema returns (ms or bytes), both inclusive. */
export interface UnitBounds {
  readonly min?: number;
  readonly max?: number;
}

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const DURATION = /^\s*(?:0|(?:\d+(?:\.\d+)?\s*(?:ms|s|m|h)\s*)+)$/;

/** Timers of the platform wrap beyond 2³¹ − 1 ms and would then come due at once. */
const LONGEST_MS = 24 * 24 * 3_600_000;

const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
const BYTE_SIZE = /^\s*(\d+(?:\.\d+)?)\s*(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)?\s*$/;

/** A duration with its unit (ms, s, m, h; several add up: `1m30s`), or 0. Returns milliseconds. */
export function duration(bounds: UnitBounds = {}): z.ZodType<number, string | number> {
  const { min = 0, max = LONGEST_MS } = bounds;
  return z
    .union(
      [z.string().regex(DURATION, { error: durationError }), z.number().min(0, { error: durationError })],
      { error: durationError },
    )
    .transform((written, context) => {
      if (typeof written === 'number' && written !== 0) {
        context.addIssue({ code: 'custom', message: `expected a unit: write ${written}ms or ${written}s` });
        return z.NEVER;
      }
      const ms = Math.round(milliseconds(String(written)));
      if (ms >= min && ms <= max) return ms;
      context.addIssue({ code: 'custom', message: `expected ${range(min, max, formatDuration)}` });
      return z.NEVER;
    })
    .meta({ title: 'duration' });
}

/** A number of bytes, bare or with a unit (B, KB, MB, … are powers of 1000; KiB, MiB, … of 1024). Returns bytes. */
export function byteSize(bounds: UnitBounds = {}): z.ZodType<number, string | number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = bounds;
  return z
    .union(
      [
        z.string().regex(BYTE_SIZE, { error: byteSizeError }),
        z.number().min(0, { error: byteSizeError }).int({ error: byteSizeError }),
      ],
      { error: byteSizeError },
    )
    .transform((written, context) => {
      const [, amount = '', unit = 'B'] = BYTE_SIZE.exec(String(written)) ?? [];
      const bytes = Math.round(Number(amount) * BYTES[unit]!);
      if (bytes >= min && bytes <= max) return bytes;
      context.addIssue({ code: 'custom', message: `expected ${range(min, max, formatByteSize)}` });
      return z.NEVER;
    })
    .meta({ title: 'byte size' });
}

/** Milliseconds in the largest unit that leaves a whole number: 90000 → `90s`. */
export function formatDuration(ms: number): string {
  const unit = ['h', 'm', 's'].find((name) => ms !== 0 && ms % MILLISECONDS[name]! === 0) ?? 'ms';
  return `${ms / MILLISECONDS[unit]!}${unit}`;
}

/** Bytes in the largest binary unit that leaves a whole number: 65536 → `64 KiB`. */
export function formatByteSize(bytes: number): string {
  const unit = ['TiB', 'GiB', 'MiB', 'KiB'].find((name) => bytes !== 0 && bytes % BYTES[name]! === 0) ?? 'B';
  return `${bytes / BYTES[unit]!} ${unit}`;
}

const durationError = 'expected a duration such as 100ms, 5s or 1m30s (units: ms, s, m, h)';
const byteSizeError =
  'expected a whole number of bytes such as 65536, 64 KiB or 16 MiB (units: B, KB, KiB, MB, MiB, GB, GiB, TB, TiB)';

function milliseconds(text: string): number {
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h)/g)) {
    sum += Number(amount) * MILLISECONDS[unit!]!;
  }
  return sum;
}

function range(min: number, max: number, format: (value: number) => string): string {
  if (max === Number.MAX_SAFE_INTEGER) return `at least ${format(min)}`;
  return min === 0 ? `at most ${format(max)}` : `${format(min)} to ${format(max)}`;
}
