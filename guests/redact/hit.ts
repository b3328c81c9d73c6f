/**
 * A hit: a stretch of text to be masked. Finders return where it starts, and leave here where it ends:
 * a function of WebAssembly returns one number, and an object for each hit would be garbage.
 */

/** What a finder returns when there is no further hit. Above every address, so that the least start wins. */
export const NONE: usize = usize.MAX_VALUE;

let end: usize = 0;

/** Where the hit ends that was found last. */
export function hitEnd(): usize {
  return end;
}

export function setHitEnd(at: usize): void {
  end = at;
}
