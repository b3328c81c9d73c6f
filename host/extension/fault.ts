/** A fault as an operator sees it: what kind, where in the guest, when. */
import { ComponentError, TrapError } from '../component/errors.ts';
import { guestText } from './guest-text.ts';

export type FaultKind =
  | 'unreachable'
  | 'memory-out-of-bounds'
  | 'table-out-of-bounds'
  | 'indirect-call'
  | 'integer-divide-by-zero'
  | 'integer-overflow'
  | 'stack-overflow'
  /** Another trap of the core module. */
  | 'trap'
  /** An exception of the guest's language that nothing caught. */
  | 'uncaught-exception'
  /** The guest waited within a function that must not. */
  | 'blocked'
  /** A call came back into an instance whose code was on the stack. */
  | 're-entry'
  /** What the guest handed over breaks the canonical ABI: a bad pointer, string or discriminant. */
  | 'bad-value'
  /** A host service refused: a limit was passed. */
  | 'host-service'
  /** `configure` or `start` returned an error. */
  | 'start-refused';

export interface Fault {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly kind: FaultKind;
  readonly message: string;
  /** The export that was called, e.g. `weir:processor/processor@0.1.0#process`; unknown for one swallowed by the guest. */
  function: string | undefined;
  /** The guest's frames, innermost first, where the engine told any. */
  readonly stack: readonly string[];
}

/** Most frames that are kept: where a recursion began does not matter, that it is one shows soon. */
const FRAMES_MAX = 16;

/** Texts of traps: V8's, and the specification's. Traps that they do not tell apart are told as `trap`. */
const TRAPS: readonly (readonly [RegExp, FaultKind])[] = [
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

/** Describe what an instance was poisoned with, or what kept it from starting. */
export function describeFault(error: unknown, at: number): Fault {
  const cause = error instanceof TrapError ? error.cause : undefined;
  return {
    at,
    kind: kindOf(error, cause),
    message: guestText(error instanceof Error ? error.message : String(error)),
    function: undefined,
    stack: guestFrames(cause),
  };
}

function kindOf(error: unknown, cause: unknown): FaultKind {
  if (error instanceof ComponentError) return 'start-refused';
  if (!(error instanceof TrapError)) return 'trap';
  switch (error.kind) {
    case 'guest': {
      const text = cause instanceof Error ? cause.message : error.message;
      return TRAPS.find(([pattern]) => pattern.test(text))?.[1] ?? 'trap';
    }
    case 'unreachable':
    case 'uncaught-exception':
    case 'blocked':
      return error.kind;
    case 'import-threw':
      return 'host-service';
    case 'cannot-enter':
    case 'cannot-leave':
      return 're-entry';
    default:
      return 'bad-value';
  }
}

/** Lines such as `at $name (wasm://wasm/1f00:wasm-function[12]:0x3c)` of V8's stack, without the `at`. */
function guestFrames(cause: unknown): string[] {
  if (!(cause instanceof Error) || cause.stack === undefined) return [];
  return cause.stack
    .split('\n')
    .filter((line) => line.includes('wasm://'))
    .slice(0, FRAMES_MAX)
    .map((line) => guestText(line.trim().replace(/^at /, '')));
}
