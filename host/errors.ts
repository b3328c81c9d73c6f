/**
 * What every error of the host has in common: a code from a registry, and where it happened.
 *
 * Each area keeps its own `errors.ts`, which calls `defineErrors` once with all of its codes and
 * their one-line meanings. A test ties the registry, the README's table and the thrown codes together.
 * `host/component` imports nothing of Weir and so has a registry of its own, of the same shape.
 */

/** Where something is wrong in a configuration file. Lines and columns count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What an error may tell beside its message. */
export interface ErrorDetails {
  /** The place in a configuration file. */
  readonly position?: SourcePosition;
  /** How to mend it, as an instruction. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export type ErrorCode = `WEIR_${string}`;

/** One-line meanings by code. */
export type ErrorTable = Readonly<Record<ErrorCode, string>>;

const registry = new Map<ErrorCode, { area: string; meaning: string }>();

/** An error of the host. `message` says what is wrong and what was expected; `code` is stable. */
export class WeirError extends Error {
  readonly code: ErrorCode;
  readonly position: SourcePosition | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'WeirError';
    this.code = code;
    this.position = details.position;
    this.hint = details.hint;
  }
}

/** Enter an area's codes in the registry; returns them as constants, so that a typo is a type error. */
export function defineErrors<const T extends ErrorTable>(area: string, table: T): { [K in keyof T]: K } {
  const codes: Record<string, string> = {};
  for (const [code, meaning] of Object.entries(table)) {
    registry.set(code as ErrorCode, { area, meaning });
    codes[code] = code;
  }
  return codes as { [K in keyof T]: K };
}

/** Every registered code of the areas loaded so far, sorted. */
export function registeredErrors(): { code: ErrorCode; area: string; meaning: string }[] {
  return [...registry]
    .map(([code, entry]) => ({ code, ...entry }))
    .sort((a, b) => a.code.localeCompare(b.code));
}
