/**
 * Generated bindings, made live. Source is compiled once per structure and kept; a binding is its
 * factory called with an environment. Where code generation from strings is disallowed, or a type is
 * too large to be worth it, the interpreter takes over.
 */

import type { StringEncoding } from '../../decode/syntax.ts';
import { ComponentError } from '../../errors.ts';
import { trap } from '../../run/fault.ts';
import { BorrowScope } from '../../run/handles.ts';
import type { ComponentInstance, Root } from '../../run/instance.ts';
import { plainStack } from '../../run/plain-stack.ts';
import { requireStack } from '../../run/stack-probe.ts';
import type { ResourceType, ValueType } from '../../types.ts';
import { partsOf } from '../../validate/value-types.ts';
import { coreHop } from '../core-hop.ts';
import { asHostFault, HostThrew } from '../host-fault.ts';
import {
  type CoreFunction,
  type HostFunction,
  interpretExport,
  interpretImport,
  type LiftedFunction,
  type LoweredFunction,
} from '../interpret-call.ts';
import type { Memory } from '../memory.ts';
import type { Side } from '../side.ts';
import type { FunctionPlan } from '../signature-plan.ts';
import { liftString, liftUtf8, lowerString, lowerUtf8, type Region } from '../strings.ts';
import {
  badDiscriminant,
  charFrom,
  charOf,
  f32FromBits,
  f32ToBits,
  f64FromBits,
  f64ToBits,
  WrongValue,
  wrong,
} from '../values.ts';
import type { Shape } from './crossing.ts';
import { type Generated, generateExport, generateImport } from './function.ts';
import { generateSuspendingExport } from './suspending-function.ts';

type Environment = Record<string, unknown>;
type Factory = (environment: Environment) => CoreFunction;

interface Compiled {
  readonly factory: Factory;
  readonly resources: readonly ResourceType[];
}

/** Larger types are interpreted: their source would be long, and its compilation slower than many calls. */
const largestGenerated = 400;

const factories = new Map<string, Factory>();

/** Names, as errors tell them, reach generated code only through this. */
function wrongValue(param: string | undefined, expected: string, value: unknown): never {
  try {
    return wrong(expected, value);
  } catch (error) {
    if (param !== undefined && error instanceof WrongValue)
      error.message = `parameter \`${param}\`: ${error.message}`;
    throw error;
  }
}

/** `cost` is what one element costs the host. */
function checkList(
  memory: Memory,
  pointer: number,
  length: number,
  size: number,
  align: number,
  cost: number,
): void {
  memory.check(pointer, length * size, align, 'list');
  memory.checkTransfer(length * size, 'list');
  memory.charge(length * cost);
}

function liftBytes(memory: Memory, pointer: number, length: number): Uint8Array {
  const bytes = memory.u8;
  checkList(memory, pointer, length, 1, 1, 1);
  return bytes.slice(pointer, pointer + length);
}

/** What a call of the host ends with when something was thrown: a wrong argument only costs the call. */
function fault(
  root: Root,
  error: unknown,
  name: string,
  instance: ComponentInstance,
  ...entering: ComponentInstance[]
): Error {
  if (!(error instanceof WrongValue) || root.poisonedBy !== undefined) return root.fault(error, name);
  for (const one of entering) one.entered = 0;
  instance.mayLeave = true;
  return new TypeError(`${name}: ${error.message}`);
}

/** Where a lowered string went; read at once, so that one is enough for everybody. */
const region: Region = { pointer: 0, length: 0 };

const helpers = {
  G: region,
  abort: (root: Root, error: unknown, name: string) => root.abort(asHostFault(error, name), name),
  fault,
  refuse: (root: Root, name: string) => {
    throw root.refusal(name);
  },
  BorrowScope,
  ComponentError,
  HostThrew,
  badDiscriminant,
  charFrom,
  charOf,
  checkList,
  f32FromBits,
  f32ToBits,
  f64FromBits,
  f64ToBits,
  liftBytes,
  liftString,
  liftUtf8,
  noLeave: (name: string) =>
    trap('cannot-leave', `cannot leave component instance: ${name} was called from realloc or post-return`),
  plainStack,
  requireStack,
  tooLong: (memory: Memory, param: string | undefined, value: unknown) =>
    wrongValue(param, `a list of at most ${memory.transferBytes} bytes`, value),
  wrongValue,
};

let allowed: boolean | undefined;

/** May source text become code here? */
function mayGenerate(): boolean {
  if (allowed === undefined) {
    try {
      new Function('return 1')();
      allowed = true;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}

function compile(generated: Generated): Compiled {
  let factory = factories.get(generated.source);
  if (!factory) {
    const make = new Function('helpers', 'env', generated.source) as (
      helpers: object,
      env: Environment,
    ) => CoreFunction;
    factory = (environment) => make(helpers, environment);
    factories.set(generated.source, factory);
  }
  return { factory, resources: generated.resources };
}

const generators = { export: generateExport, import: generateImport, suspending: generateSuspendingExport };

const compiled = new WeakMap<FunctionPlan, Map<string, Compiled>>();

/** The factory for a plan; generated once however many instances there are. */
function factoryOf(plan: FunctionPlan, kind: keyof typeof generators, shape: Shape): Compiled {
  let byShape = compiled.get(plan);
  if (!byShape) {
    byShape = new Map();
    compiled.set(plan, byShape);
  }
  const key = `${kind} ${shape.encoding} ${shape.memory} ${shape.postReturn} ${shape.entering} ${shape.receiver} ${shape.method} ${shape.suspends} ${shape.guarded}`;
  let found = byShape.get(key);
  if (!found) {
    found = compile(generators[kind](plan, shape));
    byShape.set(key, found);
  }
  return found;
}

const partCounts = new WeakMap<object, number>();

function partCount(type: ValueType): number {
  const parts = partsOf(type);
  if (parts.length === 0) return 'names' in type ? type.names.length : 1;
  let count = partCounts.get(type);
  if (count === undefined) {
    count = 1;
    for (const part of parts) count += partCount(part);
    if (type.kind === 'list' && type.length !== undefined) count *= type.length;
    partCounts.set(type, count);
  }
  return count;
}

function isGenerated(plan: FunctionPlan): boolean {
  let count = plan.type.result ? partCount(plan.type.result) : 0;
  for (const param of plan.type.params) count += partCount(param.type);
  return count <= largestGenerated && mayGenerate();
}

type StringLowering = (
  memory: Memory,
  realloc: NonNullable<Side['realloc']>,
  text: string,
  into: Region,
) => void;

const stringLowerings: Record<StringEncoding, StringLowering> = {
  utf8: lowerUtf8,
  utf16: (memory, realloc, text, into) => lowerString(memory, realloc, 'utf16', text, into),
  'latin1+utf16': (memory, realloc, text, into) => lowerString(memory, realloc, 'latin1+utf16', text, into),
};

function sideEnvironment(side: Side, resources: readonly ResourceType[]): Environment {
  const environment: Environment = {
    aI: side.instance,
    aM: side.memory,
    aR: side.realloc,
    aE: side.encoding,
    aL: stringLowerings[side.encoding],
  };
  for (const [i, resource] of resources.entries()) environment[`aF${i}`] = side.face(resource);
  return environment;
}

/** A function whose first parameter is `this`, when it is a method. */
export function asMethod(func: HostFunction, method: boolean): HostFunction {
  if (!method) return func;
  return function (this: unknown, ...args: unknown[]): unknown {
    return func(this, ...args);
  };
}

/** The host calls a guest's function that never suspends. */
export function bindExport(lifted: LiftedFunction, suspends: boolean, method: boolean): HostFunction {
  const { plan, side, name } = lifted;
  if (!isGenerated(plan)) return asMethod(interpretExport(lifted), method);
  const { instance } = side;
  const { root } = instance;
  const entering = instance.enteringSet(undefined);
  const { factory, resources } = factoryOf(plan, 'export', {
    encoding: side.encoding,
    memory: side.memory !== undefined,
    postReturn: lifted.postReturn !== undefined,
    entering: entering.length,
    receiver: false,
    method,
    suspends,
    guarded: root.guard !== undefined,
  });
  const environment = sideEnvironment(side, resources);
  for (const [i, one] of entering.entries()) environment[`e${i}`] = one;
  environment.core = lifted.core;
  environment.post = lifted.postReturn;
  environment.root = root;
  environment.guard = root.guard;
  environment.names = plan.names;
  environment.name = name;
  return factory(environment) as HostFunction;
}

/** A guest calls the host. */
export function bindImport(
  lowered: LoweredFunction,
  host: HostFunction,
  receiver: unknown,
  suspends: boolean,
): CoreFunction {
  const { plan, side, name } = lowered;
  if (!isGenerated(plan))
    return interpretImport(lowered, receiver === undefined ? host : host.bind(receiver));
  const { root } = side.instance;
  const { factory, resources } = factoryOf(plan, 'import', {
    encoding: side.encoding,
    memory: side.memory !== undefined,
    postReturn: false,
    entering: 0,
    receiver: receiver !== undefined,
    method: false,
    suspends,
    guarded: false,
  });
  const environment = sideEnvironment(side, resources);
  environment.e0 = side.instance;
  environment.host = host;
  environment.receiver = receiver;
  environment.root = root;
  environment.names = plan.names;
  environment.name = name;
  return factory(environment);
}

/** The host calls a guest's `async func` that is lifted plainly. `later` is the same call for when it has to wait. */
export function bindSuspendingExport(
  lifted: LiftedFunction,
  later: HostFunction,
  method: boolean,
): HostFunction {
  const { plan, side, name } = lifted;
  if (!isGenerated(plan)) return asMethod(later, method);
  const { instance } = side;
  const { root } = instance;
  const entering = instance.enteringSet(undefined);
  const { factory, resources } = factoryOf(plan, 'suspending', {
    encoding: side.encoding,
    memory: side.memory !== undefined,
    postReturn: lifted.postReturn !== undefined,
    entering: entering.length,
    receiver: false,
    method,
    suspends: true,
    guarded: root.guard !== undefined,
  });
  const release = (stretch: Stretch) => {
    if (instance.exclusive === stretch) instance.exclusive = undefined;
    stretch.scope?.end();
  };
  const environment = sideEnvironment(side, resources);
  for (const [i, one] of entering.entries()) environment[`e${i}`] = one;
  environment.enter = (lift: CoreFunction) =>
    WebAssembly.promising(coreHop(plan.flat.params, plan.flat.results, lifted.core, lift));
  environment.post = lifted.postReturn;
  environment.root = root;
  environment.names = plan.names;
  environment.later = later;
  environment.refused = () => Promise.reject(root.refusal(name));
  environment.failed = (error: unknown, stretch: Stretch) => {
    release(stretch);
    if (!(error instanceof WrongValue) || root.poisonedBy !== undefined)
      return Promise.reject(root.fault(error, name));
    for (const one of entering) one.entered = 0;
    instance.mayLeave = true;
    root.poke();
    return Promise.reject(new TypeError(`${name}: ${error.message}`));
  };
  environment.settled = (running: Promise<unknown>, stretch: Stretch) =>
    new Promise((resolve, reject) => {
      root.pending.add(reject);
      const settle = (action: () => void) => {
        root.pending.delete(reject);
        release(stretch);
        action();
      };
      running.then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => {
          root.paused();
          settle(() => reject(stretch.done ? error : root.fault(error, name)));
        },
      );
    });
  return factory(environment) as HostFunction;
}

/** One call under way: the token of the instance's exclusive use. `done` once its result is lifted. */
interface Stretch {
  done: boolean;
  readonly scope?: BorrowScope;
}
