/** Which kinds of trap a script means by the text of an `assert_trap`. */
import type { TrapKind } from '../../host/component/errors.ts';

const meanings: readonly (readonly [RegExp, readonly TrapKind[]])[] = [
  [/cannot leave component instance/, ['cannot-leave']],
  [/cannot enter component instance|cannot reenter/, ['cannot-enter']],
  [/realloc return: beyond end of memory/, ['bad-realloc']],
  [/realloc return: result not aligned/, ['bad-realloc']],
  [/unaligned pointer|not aligned/, ['unaligned-pointer', 'bad-realloc']],
  [
    /content out-of-bounds|out of bounds of memory|pointer\/length out of bounds/,
    ['out-of-bounds', 'too-long', 'bad-realloc'],
  ],
  [/invalid variant discriminant|discriminant \d+ out of range/, ['invalid-discriminant']],
  [/invalid `char` bit pattern|converted integer out of range for `char`/, ['invalid-char']],
  [/utf-8|utf-16|surrogate|unpaired/, ['invalid-string']],
  [/unknown handle index/, ['unknown-handle']],
  [/used with the wrong type/, ['wrong-handle-type']],
  [/while borrowed/, ['handle-lent']],
  [/cannot lift own resource from a borrow/, ['handle-not-owned']],
  [/borrow handles still remain/, ['borrow-outlives-call']],
  [/uncaught exception|thrown Wasm exception/, ['uncaught-exception']],
  [/unreachable/, ['unreachable']],
  [/deadlock|blocked|cannot block|block before returning|cannot make further progress/, ['blocked']],
  [/invalid debug message pointer/, ['out-of-bounds']],
  [/out of bounds|undefined element|indirect call/, ['guest', 'out-of-bounds']],
  [/fuel allocated for hostcalls/, ['too-long']],
  [
    /handle index \d+ used|stream|future|waitable|subtask|backpressure|produce a result|callback code|task\.return/,
    ['task-misuse'],
  ],
  [/cannot (read|write) after being notified/, ['task-misuse']],
];

/** Undefined when no kind is known for the text. */
export function kindsMeant(text: string): readonly TrapKind[] | undefined {
  return meanings.find(([pattern]) => pattern.test(text))?.[1];
}
