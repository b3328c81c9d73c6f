/**
 * How a fault travels. Inside a call, canonical-ABI code throws a `TrapError`. At the edge to guest
 * code it poisons the root and goes on as a genuine WebAssembly trap, because a JavaScript error is
 * an exception that guest code can catch, and a trap is not. At the edge to the host it comes out
 * as the `TrapError` again.
 */
import { TrapError, type TrapKind } from '../errors.ts';

export function trap(kind: TrapKind, message: string): never {
  throw new TrapError(message, { kind });
}

/** (module (func (export "t") unreachable)) */
const trapping = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00,
  0x07, 0x05, 0x01, 0x01, 0x74, 0x00, 0x00, 0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b,
]);

function makeTrap(): unknown {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(trapping));
  try {
    (instance.exports.t as () => void)();
  } catch (error) {
    return error;
  }
  return new WebAssembly.RuntimeError('unreachable');
}

/** V8 marks real trap objects; throwing this one again goes past every handler of guest code. */
export const genuineTrap: unknown = makeTrap();

/** What went wrong, as a `TrapError`, whatever was thrown. */
export function asTrap(error: unknown, where: string): TrapError {
  if (error instanceof TrapError) return error;
  if (error instanceof WebAssembly.RuntimeError) {
    return new TrapError(`trap in ${where}: ${error.message}`, { cause: error, kind: kindOf(error.message) });
  }
  if (error instanceof WebAssembly.SuspendError) {
    const message = `${where} blocked, and a func must not: declare it \`async func\` (${error.message})`;
    return new TrapError(message, { cause: error, kind: 'blocked' });
  }
  if (error instanceof WebAssembly.Exception) {
    const message = `uncaught exception propagated out of ${where}`;
    return new TrapError(message, { cause: error, kind: 'uncaught-exception' });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new TrapError(`${where} failed: ${message}`, { cause: error });
}

function kindOf(message: string): TrapKind {
  return message.includes('unreachable') ? 'unreachable' : 'guest';
}
