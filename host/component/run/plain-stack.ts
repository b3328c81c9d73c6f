/**
 * Whether the innermost guest stack is one that cannot be suspended: that of a plain `func`. One word
 * of memory for the whole thread, which a core module reads (`../bind/core-switch.ts`): on such a
 * stack V8 refuses a suspending import before it is called, even when it would not have suspended.
 */

export const plainStackMemory = new WebAssembly.Memory({ initial: 1, maximum: 1 });

/** How many plain calls are on the innermost stack; more than 0 means that it is plain. */
export const plainStack = new Int32Array(plainStackMemory.buffer, 0, 1);

/** Run `start`, which begins a stack of its own: nothing plain is on that. */
export function onOwnStack<T>(start: () => T): T {
  const before = plainStack[0]!;
  plainStack[0] = 0;
  try {
    return start();
  } finally {
    plainStack[0] = before;
  }
}
