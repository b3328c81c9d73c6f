/** The host's part in a fault: an import that threw what it must not, or gave a value of the wrong type. */
import { TrapError } from '../errors.ts';
import { WrongValue } from './values.ts';

/** An import threw something that its type does not provide for. */
export class HostThrew {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    this.thrown = thrown;
  }
}

/** What was thrown while an import ran, as the trap that it becomes. */
export function asHostFault(error: unknown, name: string): unknown {
  if (error instanceof HostThrew) {
    const { thrown } = error;
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
