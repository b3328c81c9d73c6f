/**
 * The errors of the component runtime. This folder imports nothing of Weir, so it has a registry of
 * its own, of the same shape as `host/errors.ts` (which the drift test joins with it).
 */

/** One-line meanings by code. */
export const componentErrors = {
  WEIR_COMPONENT_DECODE: 'The bytes are not a valid component binary.',
  WEIR_COMPONENT_UNSUPPORTED: 'The component is valid but uses a feature that is not supported.',
  WEIR_COMPONENT_LINK: 'An import of the component is missing or has the wrong shape.',
  WEIR_COMPONENT_TRAP: 'Guest code trapped; its instance is poisoned.',
  WEIR_COMPONENT_POISONED: 'The instance was poisoned by an earlier fault and is never entered again.',
  WEIR_COMPONENT_ERR: 'The guest returned the `err` of its result type; see `payload`.',
} as const;

export type ComponentErrorCode = keyof typeof componentErrors;

/** The bytes are not a component, or not a valid one. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code = 'WEIR_COMPONENT_DECODE' satisfies ComponentErrorCode;
  /** Where in the binary, bytes from its start. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset})`);
    this.offset = offset;
  }
}

/** Valid, but beyond what this runtime does. `feature` names it. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
  readonly code = 'WEIR_COMPONENT_UNSUPPORTED' satisfies ComponentErrorCode;
  readonly feature: string;

  constructor(feature: string, detail: string) {
    super(`${feature} is not supported: ${detail}`);
    this.feature = feature;
  }
}

/** An import is missing or has the wrong shape. `importName` names it. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly code = 'WEIR_COMPONENT_LINK' satisfies ComponentErrorCode;
  readonly importName: string;

  constructor(importName: string, message: string) {
    super(message);
    this.importName = importName;
  }
}

/** What made guest code trap. `guest` is anything that core WebAssembly itself traps on. */
export type TrapKind =
  | 'guest'
  | 'unreachable'
  | 'uncaught-exception'
  | 'import-threw'
  | 'cannot-enter'
  | 'cannot-leave'
  | 'unaligned-pointer'
  | 'out-of-bounds'
  | 'too-long'
  | 'lift-budget'
  | 'too-many-handles'
  | 'bad-realloc'
  | 'invalid-discriminant'
  | 'invalid-char'
  | 'invalid-string'
  | 'unknown-handle'
  | 'wrong-handle-type'
  | 'handle-lent'
  | 'handle-not-owned'
  | 'borrow-outlives-call'
  | 'wrong-value'
  | 'blocked'
  | 'task-misuse'
  | 'deadline'
  | 'unsupported';

/** Guest code trapped, or broke the canonical ABI. `cause` is V8's error where there is one. */
export class TrapError extends Error {
  override readonly name = 'TrapError';
  readonly code = 'WEIR_COMPONENT_TRAP' satisfies ComponentErrorCode;
  readonly kind: TrapKind;

  constructor(message: string, options: { cause?: unknown; kind?: TrapKind } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = options.kind ?? 'guest';
  }
}

/** The instance was poisoned by an earlier fault (`cause`). */
export class PoisonedError extends Error {
  override readonly name = 'PoisonedError';
  readonly code = 'WEIR_COMPONENT_POISONED' satisfies ComponentErrorCode;

  constructor(cause: unknown) {
    super('the instance was poisoned by an earlier fault and cannot be entered again', { cause });
  }
}

/** The `err` of a `result`, in both directions. */
export class ComponentError<E = unknown> extends Error {
  override readonly name = 'ComponentError';
  readonly code = 'WEIR_COMPONENT_ERR' satisfies ComponentErrorCode;
  readonly payload: E;

  constructor(payload: E) {
    super(typeof payload === 'string' ? payload : describePayload(payload));
    this.payload = payload;
  }
}

function describePayload(payload: unknown): string {
  if (typeof payload === 'object' && payload !== null && 'message' in payload) return String(payload.message);
  return 'the function returned an error';
}
