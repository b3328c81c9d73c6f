/** What a binding needs to know of a function type, worked out once per type and set of options. */
import { type FlatSignature, flattenFunction, paramTuple } from '../abi/layout.ts';
import type { FunctionType, ValueType } from '../types.ts';
import { containsBorrow } from '../validate/value-types.ts';
import { hostBytes, isCounted } from './lift-cost.ts';

export interface FunctionPlan {
  readonly type: FunctionType;
  /** How it travels at the core function that a guest exports, or at the one that a guest imports. */
  readonly flat: FlatSignature;
  /** Of the parameters. */
  readonly names: readonly string[];
  /** Parameters as one tuple, for when they go through memory. */
  readonly params: ValueType;
  /** Does a parameter contain a borrow? Then each call has a scope. */
  readonly borrows: boolean;
  /** What the parameters, or the result, cost the host once lifted; undefined where that need not be counted. */
  readonly liftedParams: number | undefined;
  readonly liftedResult: number | undefined;
  /** The result type is a `result`: `err` is thrown on the JavaScript side. */
  readonly fallible: boolean;
}

const plans = new WeakMap<FunctionType, Map<string, FunctionPlan>>();

export function planFunction(
  type: FunctionType,
  side: 'lift' | 'lower',
  options: { readonly async: boolean; readonly callback?: unknown } = { async: false },
): FunctionPlan {
  let byOptions = plans.get(type);
  if (!byOptions) {
    byOptions = new Map();
    plans.set(type, byOptions);
  }
  const key = `${side} ${options.async} ${options.callback !== undefined}`;
  let plan = byOptions.get(key);
  if (!plan) {
    plan = makePlan(type, side, options);
    byOptions.set(key, plan);
  }
  return plan;
}

function makePlan(
  type: FunctionType,
  side: 'lift' | 'lower',
  options: { readonly async: boolean; readonly callback?: unknown },
): FunctionPlan {
  const callback = options.callback === undefined ? undefined : 0;
  const params = paramTuple(type);
  const lifted = (value: ValueType | undefined) => (value && isCounted(value) ? hostBytes(value) : undefined);
  return {
    type,
    flat: flattenFunction(type, side, { async: options.async, callback }),
    names: type.params.map((param) => param.name),
    params,
    liftedParams: lifted(params),
    liftedResult: lifted(type.result),
    borrows: type.params.some((param) => containsBorrow(param.type)),
    fallible: type.result?.kind === 'result',
  };
}
