/** Core modules for tests of preemption: text in, instrumented instances out, and calls with a deadline. */
import { createContext, Script } from 'node:vm';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import {
  addedImports,
  enter,
  type InstrumentOptions,
  instrument,
  leave,
  pastDeadline,
} from '../../../host/sandbox/preemption/index.ts';

export async function assemble(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await parse(text));
}

/** An instance that can be preempted. Its start function runs under `deadlineMs`. */
export function meteredInstance(
  module: Uint8Array,
  imports: WebAssembly.Imports = {},
  { deadlineMs = 5_000, ...options }: InstrumentOptions & { deadlineMs?: number } = {},
): WebAssembly.Instance {
  const { bytes, added } = instrument(module, options);
  const all = added === undefined ? imports : { ...imports, ...addedImports(added) };
  const compiled = new WebAssembly.Module(bytes);
  return within(deadlineMs, () => new WebAssembly.Instance(compiled, all)).get();
}

/** What came of a call. */
export interface Outcome<T> {
  readonly error: unknown;
  /** Whether it was stopped for its deadline. */
  readonly stopped: boolean;
  /** Wall-clock time of the call, ms. */
  readonly tookMs: number;
  /** What the call returned; throws what it threw. */
  get(): T;
}

/** When the watchdog fails, Node's own timeout ends a call, slowly but surely: a test then fails and does not hang. */
const GIVE_UP = 8_000;
const context = createContext({});
const script = new Script('call()');

function orKilled<T>(call: () => T): T {
  const outer = context.call;
  context.call = call;
  try {
    return script.runInContext(context, { timeout: GIVE_UP });
  } finally {
    context.call = outer;
  }
}

/** Run guest code for at most `deadlineMs`. */
export function within<T>(deadlineMs: number, call: () => T): Outcome<T> {
  const before = performance.now();
  const entered = enter(deadlineMs);
  let value: T | undefined;
  let error: unknown;
  let stopped = false;
  try {
    value = orKilled(call);
  } catch (thrown) {
    error = thrown;
    stopped = pastDeadline();
  } finally {
    leave(entered);
  }
  const get = () => {
    if (error !== undefined) throw error;
    return value as T;
  };
  return { error, stopped, tookMs: performance.now() - before, get };
}

/** A function that an instance exports. */
export function exported(instance: WebAssembly.Instance, name: string): WebAssembly.ExportedFunction {
  return instance.exports[name] as WebAssembly.ExportedFunction;
}
