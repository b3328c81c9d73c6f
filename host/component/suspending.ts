/**
 * Host functions that may suspend their caller although their type is a plain `func`: WASI 0.2 has no
 * `async func`, and its `poll` waits. Such a function returns its value where it need not wait, or a
 * promise where it must: then the guest is suspended if the host entered it by an `async func`, and
 * traps if not.
 */

const mark = Symbol('suspending');

type Marked = { [mark]?: true };

/** Mark `run`, a function or a method of a class that is given for an import. */
export function suspending<F extends (...args: never[]) => unknown>(run: F): F {
  (run as Marked)[mark] = true;
  return run;
}

export function isSuspending(run: unknown): boolean {
  return (run as Marked)[mark] === true;
}
