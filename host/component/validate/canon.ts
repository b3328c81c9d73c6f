/**
 * The canonical definitions: does the core function fit the component function's type, and are the
 * options the ones that lifting and lowering it need? CanonicalABI.md, "Canonical Definitions".
 */
import { type FlatSignature, flattenFunction } from '../abi/layout.ts';
import type { CanonOptions, CanonSyntax, CoreFunctionType } from '../decode/syntax.ts';
import { DecodeError, UnsupportedError } from '../errors.ts';
import type { FunctionType, ResourceType, ValueType } from '../types.ts';
import { at, type Scope } from './scope.ts';
import { coreMismatch, sameSignature } from './subtype.ts';
import { needsMemory, valueTypeOf } from './value-types.ts';

/** What linking needs to know of a canonical definition. */
export interface CanonFact {
  readonly func?: FunctionType;
  readonly resource?: ResourceType;
  readonly result?: ValueType | undefined;
}

type Core = CoreFunctionType['params'];

function core(params: Core, results: Core = []): CoreFunctionType {
  return { kind: 'func', params, results };
}

const reallocType = core(['i32', 'i32', 'i32', 'i32'], ['i32']);
const callbackType = core(['i32', 'i32', 'i32'], ['i32']);

/** Check one canonical definition and enter what it defines into the scope. */
export function defineCanon(scope: Scope, canon: CanonSyntax, offset: number): CanonFact {
  const define = (type: CoreFunctionType, fact: CanonFact = {}): CanonFact => {
    scope.coreFuncs.push(type);
    return fact;
  };
  const fail = (message: string): never => {
    throw new DecodeError(message, offset);
  };
  switch (canon.canon) {
    case 'lift': {
      const func = scope.functionType(canon.type, offset);
      checkLift(scope, func, canon.coreFunc, canon.options, offset);
      scope.funcs.push(func);
      return { func };
    }
    case 'lower': {
      const func = at(scope.funcs, canon.func, 'function', offset);
      checkLower(scope, func, canon.options, offset);
      const { params, results } = flattenFunction(func, 'lower', canon.options);
      return define(core(params, results), { func });
    }
    case 'resource.new':
    case 'resource.rep': {
      const resource = scope.resource(canon.type, offset);
      if (!scope.localResources.has(resource))
        fail(`${canon.canon} is not for a local resource: type index ${canon.type} is not one`);
      return define(core(['i32'], ['i32']), { resource });
    }
    case 'resource.drop':
      return define(core(['i32']), { resource: scope.resource(canon.type, offset) });
    case 'task.return': {
      const result = canon.result === undefined ? undefined : valueTypeOf(scope, canon.result, offset);
      const { options } = canon;
      if (options.realloc !== undefined) fail('cannot specify `realloc` option on `task.return`');
      if (options.postReturn !== undefined) fail('cannot specify `post-return` option on `task.return`');
      if (options.callback !== undefined) fail('cannot specify `callback` option on `task.return`');
      if (options.async) fail('cannot specify `async` option on `task.return`');
      const params = result ? [{ name: 'result', type: result }] : [];
      const type: FunctionType = { kind: 'func', async: false, params, result: undefined };
      const flat = flattenFunction(type, 'lower', options);
      checkOptions(scope, options, offset);
      if (options.memory === undefined && (flat.paramsInMemory || (result && needsMemory(result)))) {
        fail('canonical option `memory` is required');
      }
      return define(core(flat.params), { result });
    }
    case 'context.get':
    case 'context.set':
      if (canon.type === 'i64')
        throw new UnsupportedError('64-bit component memories', `${canon.canon} of an i64`);
      if (canon.type !== 'i32') fail(`${canon.canon} must be of i32`);
      if (canon.slot > 1) fail(`immediate must be less than 2: found ${canon.slot}`);
      return define(canon.canon === 'context.get' ? core([], ['i32']) : core(['i32']));
    case 'waitable-set.wait':
    case 'waitable-set.poll':
      checkMemory(scope, canon.memory, offset);
      return define(core(['i32', 'i32'], ['i32']));
    case 'error-context.new':
    case 'error-context.debug-message':
      checkOptions(scope, canon.options, offset);
      if (canon.options.memory === undefined) fail('canonical option `memory` is required');
      if (canon.canon === 'error-context.new') return define(core(['i32', 'i32'], ['i32']));
      if (canon.options.realloc === undefined) fail('canonical option `realloc` is required');
      return define(core(['i32', 'i32']));
    case 'unsupported':
      checkUnsupported(scope, canon, offset);
      return define(canon.signature);
    default:
      return define(plainBuiltins[canon.canon]);
  }
}

const plainBuiltins = {
  'task.cancel': core([]),
  'backpressure.inc': core([]),
  'backpressure.dec': core([]),
  'subtask.drop': core(['i32']),
  'subtask.cancel': core(['i32'], ['i32']),
  'thread.yield': core([], ['i32']),
  'thread.index': core([], ['i32']),
  'thread.resume-later': core(['i32']),
  'waitable-set.new': core([], ['i32']),
  'waitable-set.drop': core(['i32']),
  'waitable.join': core(['i32', 'i32']),
  'error-context.drop': core(['i32']),
} as const satisfies Record<string, CoreFunctionType>;

function checkUnsupported(
  scope: Scope,
  canon: Extract<CanonSyntax, { canon: 'unsupported' }>,
  offset: number,
): void {
  if (canon.options) checkOptions(scope, canon.options, offset);
  if (canon.type === undefined) return;
  const type = at(scope.types, canon.type, 'type', offset);
  const wanted = canon.name.split('.')[0]!;
  if (type.kind !== wanted) throw new DecodeError(`\`${canon.name}\` requires a ${wanted} type`, offset);
}

function checkMemory(scope: Scope, index: number, offset: number): void {
  const memory = at(scope.coreMemories, index, 'memory', offset);
  if (memory.limits.index64) {
    throw new UnsupportedError('64-bit component memories', `a canonical option at byte ${offset}`);
  }
  const wanted = {
    kind: 'memory',
    limits: { min: 0n, max: undefined, shared: false, index64: false },
    pageSizeLog2: 16,
  } as const;
  const mismatch = coreMismatch(memory, wanted);
  if (mismatch) throw new DecodeError(`canonical option \`memory\`: ${mismatch}`, offset);
}

/** What holds for the options wherever they stand. */
function checkOptions(scope: Scope, options: CanonOptions, offset: number): void {
  const fail = (message: string): never => {
    throw new DecodeError(message, offset);
  };
  if (options.memory !== undefined) checkMemory(scope, options.memory, offset);
  if (options.realloc !== undefined) {
    if (!sameSignature(scope.coreFunc(options.realloc, offset), reallocType)) {
      fail('canonical option `realloc` uses a core function with an incorrect signature');
    }
    if (options.memory === undefined) fail('canonical option `memory` is required with `realloc`');
  }
  if (options.callback !== undefined) {
    if (!options.async) fail('cannot specify `callback` without `async`');
    if (!sameSignature(scope.coreFunc(options.callback, offset), callbackType)) {
      fail('canonical option `callback` uses a core function with an incorrect signature');
    }
  }
  if (options.async && options.postReturn !== undefined) {
    fail('cannot specify `post-return` together with `async`');
  }
}

function checkLift(
  scope: Scope,
  func: FunctionType,
  coreFunc: number,
  options: CanonOptions,
  offset: number,
): void {
  const fail = (message: string): never => {
    throw new DecodeError(message, offset);
  };
  checkOptions(scope, options, offset);
  if (options.async && !func.async) fail('the `async` canonical option requires an async function type');
  const flat = flattenFunction(func, 'lift', options);
  checkSignature(scope.coreFunc(coreFunc, offset), flat, offset);
  const lowers = func.params.some((param) => needsMemory(param.type));
  const lifts = func.result !== undefined && needsMemory(func.result);
  if ((lowers || lifts || flat.paramsInMemory || flat.resultInMemory) && options.memory === undefined) {
    fail('canonical option `memory` is required');
  }
  if ((lowers || flat.paramsInMemory) && options.realloc === undefined) {
    fail('canonical option `realloc` is required');
  }
  if (options.postReturn !== undefined) {
    const found = scope.coreFunc(options.postReturn, offset);
    if (!sameSignature(found, core(flat.results))) {
      fail('canonical option `post-return` uses a core function with an incorrect signature');
    }
  }
}

function checkLower(scope: Scope, func: FunctionType, options: CanonOptions, offset: number): void {
  const fail = (message: string): never => {
    throw new DecodeError(message, offset);
  };
  checkOptions(scope, options, offset);
  if (options.async && !func.async) fail('the `async` canonical option requires an async function type');
  if (options.postReturn !== undefined)
    fail('canonical option `post-return` cannot be specified for lowerings');
  if (options.callback !== undefined) fail('canonical option `callback` cannot be specified for lowerings');
  const flat = flattenFunction(func, 'lower', options);
  const lifts = func.params.some((param) => needsMemory(param.type));
  const lowers = func.result !== undefined && needsMemory(func.result);
  const memory = lifts || lowers || flat.paramsInMemory || flat.resultInMemory;
  if (memory && options.memory === undefined) fail('canonical option `memory` is required');
  if (lowers && options.realloc === undefined) fail('canonical option `realloc` is required');
}

function checkSignature(found: CoreFunctionType, flat: FlatSignature, offset: number): void {
  if (sameSignature(found, core(flat.params, flat.results))) return;
  const show = (type: Pick<CoreFunctionType, 'params' | 'results'>) =>
    `[${type.params.join(' ')}] -> [${type.results.join(' ')}]`;
  throw new DecodeError(
    `lowered types ${show(flat)} do not match the core function's ${show(found)}: type mismatch`,
    offset,
  );
}
