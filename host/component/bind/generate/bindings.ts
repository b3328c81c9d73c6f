/**
 * Generated bindings, made live. Source is compiled once per structure and kept; a binding is its
 * factory called with an environment. Where code generation from strings is disallowed, or a type is
 * too large to be worth it, the interpreter takes over.
 */
import { ComponentError } from '../../errors.ts';
import { trap } from '../../run/fault.ts';
import { BorrowScope } from '../../run/handles.ts';
import { plainStack } from '../../run/plain-stack.ts';
import { requireStack } from '../../run/stack-probe.ts';
import type { ResourceType, ValueType } from '../../types.ts';
import { partsOf } from '../../validate/value-types.ts';
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
import { type Generated, generateExport, generateImport, type Shape } from './function.ts';

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

const helpers = {
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

const compiled = new WeakMap<FunctionPlan, Map<string, Compiled>>();

/** The factory for a plan; generated once however many instances there are. */
function factoryOf(plan: FunctionPlan, kind: 'export' | 'import', shape: Shape): Compiled {
  let byShape = compiled.get(plan);
  if (!byShape) {
    byShape = new Map();
    compiled.set(plan, byShape);
  }
  const key = `${kind} ${shape.encoding} ${shape.memory} ${shape.postReturn} ${shape.entering} ${shape.receiver} ${shape.suspends}`;
  let found = byShape.get(key);
  if (!found) {
    found = compile(kind === 'export' ? generateExport(plan, shape) : generateImport(plan, shape));
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

function sideEnvironment(side: Side, resources: readonly ResourceType[]): Environment {
  const environment: Environment = {
    aI: side.instance,
    aM: side.memory,
    aR: side.realloc,
    aE: side.encoding,
    aL:
      side.encoding === 'utf8'
        ? lowerUtf8
        : (memory: Memory, realloc: NonNullable<Side['realloc']>, text: string, into: Region) =>
            lowerString(memory, realloc, side.encoding, text, into),
  };
  for (const [i, resource] of resources.entries()) environment[`aF${i}`] = side.face(resource);
  return environment;
}

function paramNames(plan: FunctionPlan): string[] {
  return plan.type.params.map((param) => param.name);
}

/** The host calls a guest's function that never suspends. */
export function bindExport(lifted: LiftedFunction, suspends: boolean): HostFunction {
  const { plan, side, name } = lifted;
  if (!isGenerated(plan)) return interpretExport(lifted);
  const { instance } = side;
  const { root } = instance;
  const entering = instance.enteringSet(undefined);
  const { factory, resources } = factoryOf(plan, 'export', {
    encoding: side.encoding,
    memory: side.memory !== undefined,
    postReturn: lifted.postReturn !== undefined,
    entering: entering.length,
    receiver: false,
    suspends,
  });
  const environment = sideEnvironment(side, resources);
  for (const [i, one] of entering.entries()) environment[`e${i}`] = one;
  environment.core = lifted.core;
  environment.post = lifted.postReturn;
  environment.root = root;
  environment.names = paramNames(plan);
  environment.refuse = () => {
    throw root.refusal(name);
  };
  environment.poisoned = () => {
    throw root.poisonedBy;
  };
  environment.fault = (error: unknown) => {
    if (!(error instanceof WrongValue) || root.poisonedBy !== undefined) return root.fault(error, name);
    for (const one of entering) one.entered = 0;
    instance.mayLeave = true;
    return new TypeError(`${name}: ${error.message}`);
  };
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
    suspends,
  });
  const environment = sideEnvironment(side, resources);
  environment.e0 = side.instance;
  environment.host = host;
  environment.receiver = receiver;
  environment.root = root;
  environment.names = paramNames(plan);
  environment.name = name;
  environment.abort = (error: unknown) => root.abort(asHostFault(error, name), name);
  return factory(environment);
}
