/**
 * A fault as an operator sees it: what kind, where in the guest, when. Faults are told apart by what went
 * wrong (`kind`, one of eight, which are counted) and by how exactly (`detail`).
 */
import { ComponentError, LinkError, TrapError, type TrapKind } from '../component/errors.ts';
import { WeirError } from '../errors.ts';
import { faultCodes } from './errors.ts';
import { guestText } from './guest-text.ts';

export const FAULT_KINDS = [
  /** A trap of the core module; `detail` is V8's kind of it. */
  'trap',
  'stack-overflow',
  /** The call took longer than it may. */
  'deadline',
  /** The guest gave up because it got no more memory; see `describeFault` for how that is known. */
  'memory-limit',
  /** What the guest handed over, or how it called, breaks the canonical ABI or a limit on what crosses. */
  'contract-violation',
  /** It called, or could not be linked to, something that it is not lent. */
  'import-refused',
  /** A host service refused (a limit was passed), or failed. */
  'host-service',
  /** `configure` or `start` returned an error. */
  'start-failure',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export type FaultDetail =
  // trap
  | 'unreachable'
  | 'memory-out-of-bounds'
  | 'table-out-of-bounds'
  | 'indirect-call'
  | 'integer-divide-by-zero'
  | 'integer-overflow'
  /** An exception of the guest's language that nothing caught. */
  | 'uncaught-exception'
  /** Another trap of the core module. */
  | 'other'
  // contract-violation
  /** The guest waited within a function that must not. */
  | 'blocked'
  /** A call came back into an instance whose code was on the stack, or left one that must not be left. */
  | 're-entry'
  /** A bad pointer, string, handle or discriminant; a host function called as it must not be. */
  | 'bad-value'
  | 'transfer-limit'
  | 'lift-limit'
  | 'handle-limit'
  // the others have one each
  | Exclude<FaultKind, 'trap' | 'contract-violation'>;

export interface Fault {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly kind: FaultKind;
  readonly detail: FaultDetail;
  /** `WEIR_FAULT_…`: stable, for whoever filters. */
  readonly code: string;
  readonly message: string;
  /** Whose it is: filled in by the supervisor. */
  extension: string | undefined;
  pipeline: string | undefined;
  /** The contract that was called, e.g. `rate-limiter`; undefined for a call of the lifecycle. */
  capability: string | undefined;
  /** The export that was called, e.g. `weir:processor/processor@0.1.0#process`; unknown for one swallowed by the guest. */
  function: string | undefined;
  /**
   * How long the call had run, ms. Calls through bindings are not timed one by one: theirs is the time since
   * the extension's first call in the same turn of the event loop.
   */
  durationMs: number | undefined;
  /** The guest's frames, innermost first, where the engine told any. */
  readonly stack: readonly string[];
}

/** Most frames that are kept: where a recursion began does not matter, that it is one shows soon. */
const FRAMES_MAX = 16;

/** Texts of traps: V8's, and the specification's. Traps that they do not tell apart are told as `other`. */
const TRAPS: readonly (readonly [RegExp, FaultDetail])[] = [
  [/unreachable/, 'unreachable'],
  [/memory access out of bounds|out of bounds memory access|data segment/, 'memory-out-of-bounds'],
  [/signature mismatch|type mismatch|null function|uninitialized element|null reference/, 'indirect-call'],
  [
    /table (index|access)|out of bounds table access|undefined element|element segment/,
    'table-out-of-bounds',
  ],
  [/(divide|remainder) by zero/, 'integer-divide-by-zero'],
  [/unrepresentable|integer overflow|invalid conversion to integer/, 'integer-overflow'],
  [/call stack/, 'stack-overflow'],
];

/** What the canonical ABI's refusals are told as; those that are not here are `bad-value`. */
const REFUSALS: Partial<Record<TrapKind, FaultDetail>> = {
  unreachable: 'unreachable',
  'uncaught-exception': 'uncaught-exception',
  'import-threw': 'host-service',
  // A host function gave a result of the wrong type: it failed, not the guest.
  'wrong-value': 'host-service',
  blocked: 'blocked',
  'cannot-enter': 're-entry',
  'cannot-leave': 're-entry',
  unsupported: 'import-refused',
  'too-long': 'transfer-limit',
  'lift-budget': 'lift-limit',
  'too-many-handles': 'handle-limit',
  deadline: 'deadline',
};

const KINDS: Partial<Record<FaultDetail, FaultKind>> = {
  blocked: 'contract-violation',
  're-entry': 'contract-violation',
  'bad-value': 'contract-violation',
  'transfer-limit': 'contract-violation',
  'lift-limit': 'contract-violation',
  'handle-limit': 'contract-violation',
};

/**
 * Describe what an instance was poisoned with, or what kept it from starting. A guest out of memory is known by
 * two signs together: it aborted by `unreachable`, as the allocators of all toolchains do, and one of its
 * memories could not grow by as much as a page (`memoryIsFull`). One that wanted many pages at once and would
 * have got a few is told as a trap.
 */
export function describeFault(error: unknown, at: number, memoryIsFull = false): Fault {
  const cause = error instanceof TrapError ? error.cause : undefined;
  const trapped = detailOf(error, cause);
  const detail = memoryIsFull && trapped === 'unreachable' ? 'memory-limit' : trapped;
  const kind = kindOf(detail);
  const stack = guestFrames(cause);
  return {
    at,
    kind,
    detail,
    code: codeOf(kind, detail, cause),
    message: guestText(error instanceof Error ? error.message : String(error)),
    extension: undefined,
    pipeline: undefined,
    capability: undefined,
    function: undefined,
    durationMs: undefined,
    stack: stack.length > 0 ? stack : guestFrames(error),
  };
}

function detailOf(error: unknown, cause: unknown): FaultDetail {
  if (error instanceof ComponentError) return 'start-failure';
  if (error instanceof LinkError) return 'import-refused';
  // The supervisor's own: it was not ready in time.
  if (error instanceof WeirError) return 'start-failure';
  if (!(error instanceof TrapError)) return 'other';
  if (error.kind === 'guest') {
    const text = cause instanceof Error ? cause.message : error.message;
    return TRAPS.find(([pattern]) => pattern.test(text))?.[1] ?? 'other';
  }
  const said =
    error.kind === 'import-threw' && cause instanceof WeirError ? saidByHost[cause.code] : undefined;
  return said ?? REFUSALS[error.kind] ?? 'bad-value';
}

/** Where a host service says itself that it did not fail: it was not granted, or the guest misused it. */
const saidByHost: Readonly<Record<string, FaultDetail>> = {
  WEIR_SANDBOX_GUEST_EXIT: 'bad-value',
  WEIR_SANDBOX_IMPORT_DENIED: 'import-refused',
  WEIR_SANDBOX_NOT_GRANTED: 'import-refused',
  WEIR_SANDBOX_WASI_MISUSE: 'bad-value',
};

function kindOf(detail: FaultDetail): FaultKind {
  const kind = FAULT_KINDS.find((one) => one === detail);
  return kind ?? KINDS[detail] ?? 'trap';
}

/** The code of what refused, where that has one; else that of the limit, else that of the kind. */
function codeOf(kind: FaultKind, detail: FaultDetail, cause: unknown): string {
  if (cause instanceof WeirError) return cause.code;
  switch (detail) {
    case 'transfer-limit':
      return faultCodes.WEIR_FAULT_TRANSFER_LIMIT;
    case 'lift-limit':
      return faultCodes.WEIR_FAULT_LIFT_LIMIT;
    case 'handle-limit':
      return faultCodes.WEIR_FAULT_HANDLE_LIMIT;
    default:
      return codes[kind];
  }
}

const codes: Readonly<Record<FaultKind, string>> = {
  trap: faultCodes.WEIR_FAULT_TRAP,
  'stack-overflow': faultCodes.WEIR_FAULT_STACK_OVERFLOW,
  deadline: faultCodes.WEIR_FAULT_DEADLINE,
  'memory-limit': faultCodes.WEIR_FAULT_MEMORY_LIMIT,
  'contract-violation': faultCodes.WEIR_FAULT_CONTRACT,
  'import-refused': faultCodes.WEIR_FAULT_IMPORT_REFUSED,
  'host-service': faultCodes.WEIR_FAULT_HOST_SERVICE,
  'start-failure': faultCodes.WEIR_FAULT_START,
};

/** Lines such as `at $name (wasm://wasm/1f00:wasm-function[12]:0x3c)` of V8's stack, without the `at`. */
function guestFrames(cause: unknown): string[] {
  if (!(cause instanceof Error) || cause.stack === undefined) return [];
  return cause.stack
    .split('\n')
    .filter((line) => line.includes('wasm://'))
    .slice(0, FRAMES_MAX)
    .map((line) => guestText(line.trim().replace(/^at /, '')));
}
