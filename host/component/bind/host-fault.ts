/** The host's part in a fault: an import that threw what it must not, or gave a value of the wrong type. */
import { TrapError } from '../errors.ts';
import type { HostFunction } from './interpret-call.ts';
import { WrongValue } from './values.ts';

/** An import threw something that its type does not provide for. */
export class HostThrew {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    this.thrown = thrown;
  }
}

/** Thrown in place of the promise of an import, where nothing can be suspended. */
class WouldBlock {}

/** `host`, which must not give a promise: a marked function (`../suspending.ts`) may, and it faults its caller. */
export function neverWaiting(host: HostFunction): HostFunction {
  return function (this: unknown, ...args) {
    const given = host.apply(this, args);
    if (!(given instanceof Promise)) return given;
    given.catch(() => {});
    throw new WouldBlock();
  };
}

export function blockedTrap(name: string): TrapError {
  const message = `${name} blocked, and a func must not: cannot block a synchronous task before returning; declare it \`async func\``;
  return new TrapError(message, { kind: 'blocked' });
}

/** What was thrown while an import ran, as the trap that it becomes. */
export function asHostFault(error: unknown, name: string): unknown {
  if (error instanceof HostThrew) {
    const { thrown } = error;
    if (thrown instanceof WouldBlock) return blockedTrap(name);
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new TrapError(`the import ${name} threw: ${message}`, { cause: thrown, kind: 'import-threw' });
  }
  if (error instanceof WrongValue) {
    return new TrapError(`the import ${name} gave a result of the wrong type: ${error.message}`, {
      cause: error,
      kind: 'wrong-value',
    });
  }
  return error;
}
